#include "eventbus/sqlite/database.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

namespace eventbus::sqlite {

namespace {

int last_error_of(sqlite3* connection, int file_of) {
    sqlite3_file* file = nullptr;
    int error = 0;
    if (sqlite3_file_control(connection, "main", file_of, static_cast<void*>(&file)) == SQLITE_OK &&
        file != nullptr && file->pMethods != nullptr)
        file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &error);
    return error;
}

/// Why the operating system refused; SQLite forgets it where it rolls back before it tells.
int system_error_of(sqlite3* connection) {
    if (const int error = sqlite3_system_errno(connection); error != 0) return error;
    if (const int error = last_error_of(connection, SQLITE_FCNTL_JOURNAL_POINTER); error != 0) return error;
    return last_error_of(connection, SQLITE_FCNTL_FILE_POINTER);
}

bool is_no_room(int code, int system_error) {
    if ((code & 0xff) == SQLITE_FULL) return true;
    return (code & 0xff) == SQLITE_IOERR &&
           (system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG);
}

[[noreturn]] void fail_for_damage(const std::string& path, const std::string& why) {
    throw BrokerError(path + " is damaged (" + why + "); restore it from a copy", false);
}

[[noreturn]] void fail_for_permission(const std::string& path) {
    throw BrokerError(path + " cannot be written; make the file and its directory writable for this user",
                      false);
}

[[noreturn]] void fail_with(sqlite3* connection, const Place& place, int code) {
    const std::string& path = place.path;
    const int system_error = connection != nullptr ? system_error_of(connection) : 0;
    const std::string detail = connection != nullptr ? sqlite3_errmsg(connection) : sqlite3_errstr(code);
    if (is_no_room(code, system_error))
        throw StorageFull("no room to write " + path + " (" + detail +
                          "); free some disk space, nothing was stored");
    switch (code & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            throw FileInUse(path + " is in use by another process for too long (" + detail + "); try again");
        case SQLITE_READONLY:
        case SQLITE_PERM:
            fail_for_permission(path);
        case SQLITE_CANTOPEN: {
            const std::string why = system_error != 0 ? std::strerror(system_error) : detail;
            throw BrokerError("cannot open " + path + ": " + why + "; check the path and its permissions",
                              false);
        }
        case SQLITE_NOTADB:
            throw BrokerError(
                path + " is not a database of " + place.owner + "; set " + place.setting + " to another file",
                false);
        case SQLITE_CORRUPT:
            fail_for_damage(path, detail);
        default: {
            const std::string why = system_error != 0 ? detail + ", " + std::strerror(system_error) : detail;
            throw BrokerError("cannot use " + path + ": " + why, (code & 0xff) == SQLITE_IOERR);
        }
    }
}

const char* pragma_of(Sync sync) {
    switch (sync) {
        case Sync::full:
            return "PRAGMA synchronous = FULL";
        case Sync::normal:
            return "PRAGMA synchronous = NORMAL";
        case Sync::off:
            return "PRAGMA synchronous = OFF";
    }
    return "PRAGMA synchronous = FULL";
}

}  // namespace

Statement::Statement(sqlite3* connection, const Place& place, std::string_view sql)
    : connection_(connection), place_(&place) {
    const NoFork no_fork;
    const char* rest = nullptr;
    const int code = sqlite3_prepare_v3(connection, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement_, &rest);
    if (code != SQLITE_OK) fail(code);
    const auto parsed = static_cast<std::size_t>(rest - sql.data());
    if (statement_ != nullptr && sql.find_first_not_of(" \t\r\n;", parsed) == std::string_view::npos) return;
    sqlite3_finalize(std::exchange(statement_, nullptr));
    throw InvalidValue("not one SQL statement: " + std::string(sql));
}

Statement::~Statement() {
    if (statement_ == nullptr) return;
    const NoFork no_fork;
    sqlite3_finalize(statement_);
}

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_),
      place_(other.place_),
      statement_(std::exchange(other.statement_, nullptr)) {}

void Statement::fail(int code) const { fail_with(connection_, *place_, code); }

bool Statement::next() {
    const NoFork no_fork;
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    const int extended = sqlite3_extended_errcode(connection_);
    sqlite3_reset(statement_);
    fail(extended != SQLITE_OK ? extended : code);
}

void Statement::run() {
    while (next()) {
    }
    reset();
}

void Statement::reset() noexcept {
    const NoFork no_fork;
    sqlite3_reset(statement_);
}

int Statement::columns() const { return sqlite3_column_count(statement_); }
int Statement::parameters() const { return sqlite3_bind_parameter_count(statement_); }

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_, column); }

double Statement::real(int column) const { return sqlite3_column_double(statement_, column); }

bool Statement::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

bool Statement::is_integer(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_INTEGER;
}

std::string_view Statement::text(int column) const {
    const std::span<const std::byte> bytes = blob(column);
    const void* data = bytes.data();
    return {static_cast<const char*>(data), bytes.size()};
}

std::span<const std::byte> Statement::blob(int column) const {
    const void* data = sqlite3_column_blob(statement_, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return {static_cast<const std::byte*>(data), size};
}

void Statement::bind(int index, std::int64_t value) {
    if (const int code = sqlite3_bind_int64(statement_, index, value); code != SQLITE_OK) fail(code);
}

void Statement::bind(int index, double value) {
    if (const int code = sqlite3_bind_double(statement_, index, value); code != SQLITE_OK) fail(code);
}

void Statement::bind(int index, std::string_view value) {
    const int code = sqlite3_bind_text64(statement_, index, value.data() != nullptr ? value.data() : "",
                                         value.size(), SQLITE_STATIC, SQLITE_UTF8);
    if (code != SQLITE_OK) fail(code);
}

void Statement::bind(int index, std::span<const std::byte> value) {
    const int code = value.empty()
                         ? sqlite3_bind_zeroblob(statement_, index, 0)
                         : sqlite3_bind_blob64(statement_, index, value.data(), value.size(), SQLITE_STATIC);
    if (code != SQLITE_OK) fail(code);
}

void Statement::bind(int index, std::nullptr_t) {
    if (const int code = sqlite3_bind_null(statement_, index); code != SQLITE_OK) fail(code);
}

Connection::Connection(Place place, Sync sync, std::chrono::milliseconds patience)
    : place_(std::move(place)), patience_(patience) {
    const NoFork no_fork;
    // One thread at a time uses a connection, so SQLite's own mutexes are not needed.
    constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int code = sqlite3_open_v2(place_.path.c_str(), &connection_, flags, nullptr);
    if (code != SQLITE_OK) {
        const std::unique_ptr<sqlite3, int (*)(sqlite3*)> closer(std::exchange(connection_, nullptr),
                                                                 sqlite3_close);
        fail_with(closer.get(), place_, code);
    }
    sqlite3_busy_handler(connection_, on_busy, this);
    try {
        // Before SQLite makes files beside it, which would be read-only too and stay so.
        if (sqlite3_db_readonly(connection_, "main") == 1) fail_for_permission(place_.path);
        execute(pragma_of(sync));
        execute("PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -2000");
        opened();
    } catch (...) {
        sqlite3_close(std::exchange(connection_, nullptr));
        throw;
    }
}

Connection::~Connection() {
    const NoFork no_fork;
    closed();
    sqlite3_close_v2(std::exchange(connection_, nullptr));
}

// Nothing is in flight, so this touches nothing that the parent shares: no checkpoint, no file removed.
void Connection::close_in_child() noexcept {
    sqlite3_db_config(connection_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    while (sqlite3_stmt* statement = sqlite3_next_stmt(connection_, nullptr)) sqlite3_finalize(statement);
    sqlite3_close(std::exchange(connection_, nullptr));
}

// Others hold the lock for well under a millisecond, or for one wait for the disk: short sleeps that grow a
// little.
int Connection::on_busy(void* self, int attempt) {
    auto& connection = *static_cast<Connection*>(self);
    const auto now = std::chrono::steady_clock::now();
    if (attempt == 0) connection.waiting_since_ = now;
    if (now - connection.waiting_since_ > connection.patience_) return 0;
    const auto pause = std::chrono::microseconds(std::min(20 << std::min(attempt / 4, 6), 1000));
    std::this_thread::sleep_for(pause);
    return 1;
}

Statement Connection::prepare(std::string_view sql) { return {connection_, place_, sql}; }

void Connection::execute(const std::string& sql) {
    const NoFork no_fork;
    const int code = sqlite3_exec(connection_, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) fail_with(connection_, place_, code);
}

void Connection::refuse_damage(const std::string& why) const { fail_for_damage(place_.path, why); }

std::int64_t Connection::changes() const { return sqlite3_changes64(connection_); }
std::int64_t Connection::changes_in_all() const { return sqlite3_total_changes64(connection_); }
std::int64_t Connection::last_row_id() const { return sqlite3_last_insert_rowid(connection_); }

bool Connection::is_in_transaction() const {
    return connection_ != nullptr && sqlite3_get_autocommit(connection_) == 0;
}

void Connection::refuse_commits(bool refused) {
    if (connection_ == nullptr) return;
    int (*const refuse)(void*) = [](void*) { return 1; };
    sqlite3_commit_hook(connection_, refused ? refuse : nullptr, nullptr);
}

void Connection::roll_back() noexcept {
    const NoFork no_fork;
    if (is_in_transaction()) sqlite3_exec(connection_, "ROLLBACK", nullptr, nullptr, nullptr);
}

Transaction::Transaction(Connection& connection) : connection_(connection) {
    connection_.execute("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
    if (open_) connection_.roll_back();
}

void Transaction::commit() {
    connection_.execute("COMMIT");
    open_ = false;
}

}  // namespace eventbus::sqlite
