#include "eventbus/broker/embedded/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <thread>

#include "eventbus/broker/embedded/forks.hpp"
#include "eventbus/event/error.hpp"

namespace eventbus::embedded {

namespace {

// "EBus": tells our files from other SQLite databases.
constexpr std::int64_t application_id = 0x45427573;
constexpr std::int64_t format_version = 1;

// docs/decisions/0003-embedded-store.md draws the format and says why it is so.
constexpr const char* schema = R"sql(
CREATE TABLE topics(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    partitions INTEGER NOT NULL,
    retention_seconds INTEGER,
    retention_bytes INTEGER,
    first_offset INTEGER NOT NULL DEFAULT 0,
    next_offset INTEGER NOT NULL DEFAULT 0,
    last_stored INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0);
CREATE TABLE kinds(
    id INTEGER PRIMARY KEY,
    type TEXT NOT NULL,
    minorversion INTEGER NOT NULL,
    schema TEXT NOT NULL,
    UNIQUE(type, minorversion, schema));
CREATE TABLE origins(
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    sourcehost TEXT NOT NULL,
    sourcelib TEXT NOT NULL,
    UNIQUE(source, sourcehost, sourcelib));
CREATE TABLE positions(
    consumer_group TEXT NOT NULL,
    topic INTEGER NOT NULL,
    partition INTEGER NOT NULL,
    next_offset INTEGER NOT NULL,
    owner INTEGER NOT NULL DEFAULT 0,
    epoch INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY(consumer_group, topic, partition)) WITHOUT ROWID;
CREATE TABLE members(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    consumer_group TEXT NOT NULL,
    name TEXT NOT NULL);
CREATE TABLE member_topics(
    member INTEGER NOT NULL,
    topic TEXT NOT NULL,
    PRIMARY KEY(member, topic)) WITHOUT ROWID;
)sql";

void make_file(const std::string& path) {
    // One thread at a time: the one that makes the file closes it, before another takes locks on it.
    static std::mutex making;
    const Turn turn(making);
    const std::filesystem::path directory = std::filesystem::path(path).parent_path();
    std::error_code error;
    if (!directory.empty() && !std::filesystem::exists(directory, error)) {
        std::filesystem::create_directories(directory, error);
        if (error)
            throw BrokerError("cannot make the directory " + directory.string() +
                                  " for the embedded bus: " + error.message(),
                              false);
        ::chmod(directory.c_str(), S_IRWXU);
    }
    // Never opened when it exists: closing a file drops the locks that SQLite holds on it in this process.
    if (std::filesystem::exists(path, error)) return;
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0) {
        if (errno == EEXIST) return;
        if (errno == ENOSPC || errno == EDQUOT)
            throw StorageFull("no room to make " + path + "; free some disk space");
        throw BrokerError(
            "cannot make " + path + ": " + std::strerror(errno) + "; check the path and its permissions",
            false);
    }
    ::close(file);
}

std::int64_t value_of(Connection& connection, std::string_view sql) {
    Statement statement = connection.prepare(sql);
    return statement.next() ? statement.integer(0) : 0;
}

bool is_empty(Connection& connection) {
    return value_of(connection, "SELECT count(*) FROM sqlite_master") == 0;
}

void refuse_foreign(Connection& connection) {
    // Asked in this order, as another process may be making the tables, which come together with the id.
    const bool empty = is_empty(connection);
    const std::int64_t id = value_of(connection, "PRAGMA application_id");
    if (id == 0 && empty) return;
    if (id != application_id)
        throw BrokerError(
            connection.path() +
                " is a database of another program; set EVENT_BUS_EMBEDDED_PATH to another file",
            false);
    const std::int64_t version = value_of(connection, "PRAGMA user_version");
    if (version > format_version)
        throw BrokerError(connection.path() + " was written by a newer version of eventbus (format " +
                              std::to_string(version) + ", this one knows " + std::to_string(format_version) +
                              "); upgrade this program",
                          false);
}

// Changing the journal mode does not wait for locks by itself.
void use_write_ahead_log(Connection& connection, std::chrono::milliseconds patience) {
    const auto until = std::chrono::steady_clock::now() + patience;
    for (;;) {
        try {
            connection.execute(
                "PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint "
                "= 2000");
            return;
        } catch (const FileInUse&) {
            if (std::chrono::steady_clock::now() > until) throw;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }
}

void make_tables(Connection& connection) {
    if (!is_empty(connection)) return;
    Transaction transaction(connection);
    if (!is_empty(connection)) return;
    connection.execute(schema);
    connection.execute("PRAGMA application_id = " + std::to_string(application_id));
    connection.execute("PRAGMA user_version = " + std::to_string(format_version));
    transaction.commit();
}

}  // namespace

std::unique_ptr<Connection> open_file(const std::string& path, Sync sync,
                                      std::chrono::milliseconds patience) {
    if (path.empty())
        throw BrokerError(
            "the embedded bus has no file: set EVENT_BUS_EMBEDDED_PATH (there is no HOME to choose one by)",
            false);
    make_file(path);
    auto connection = std::make_unique<Connection>(path, sync, patience);
    refuse_foreign(*connection);
    use_write_ahead_log(*connection, patience);
    make_tables(*connection);
    return connection;
}

}  // namespace eventbus::embedded
