#include "bare_sqlite.hpp"

#include <sqlite3.h>

#include <array>
#include <stdexcept>

namespace eventbus::bench {

void BareSqlite::Close::operator()(sqlite3* connection) const noexcept { sqlite3_close(connection); }
void BareSqlite::Close::operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }

BareSqlite::BareSqlite(const std::string& file, const std::string& sync) {
    sqlite3* connection = nullptr;
    const int code = sqlite3_open_v2(
        file.c_str(), &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    connection_.reset(connection);
    if (code != SQLITE_OK) throw std::runtime_error("cannot open " + file);
    sqlite3_busy_timeout(connection, 10'000);
    execute("PRAGMA journal_mode = WAL");
    execute(("PRAGMA synchronous = " + sync).c_str());
    execute("CREATE TABLE IF NOT EXISTS events(id INTEGER PRIMARY KEY, body BLOB NOT NULL)");
    execute(
        "CREATE TABLE IF NOT EXISTS whole_events(id INTEGER PRIMARY KEY, partition INTEGER, uuid BLOB, kind "
        "INTEGER, "
        "origin INTEGER, time INTEGER, stored INTEGER, key TEXT, body BLOB NOT NULL)");
    insert_ = prepare("INSERT INTO events(body) VALUES (?)");
    insert_event_ = prepare(
        "INSERT INTO whole_events(partition, uuid, kind, origin, time, stored, key, body) VALUES "
        "(?,?,?,?,?,?,?,?)");
    select_ = prepare("SELECT id, body FROM events WHERE id > ? ORDER BY id");
}

std::unique_ptr<sqlite3_stmt, BareSqlite::Close> BareSqlite::prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(connection_.get(), sql, -1, &statement, nullptr) != SQLITE_OK)
        throw std::runtime_error(sqlite3_errmsg(connection_.get()));
    return std::unique_ptr<sqlite3_stmt, Close>(statement);
}

void BareSqlite::execute(const char* sql) {
    if (sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        throw std::runtime_error(sqlite3_errmsg(connection_.get()));
}

void BareSqlite::insert(std::span<const std::byte> bytes) {
    sqlite3_bind_blob(insert_.get(), 1, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
    if (sqlite3_step(insert_.get()) != SQLITE_DONE)
        throw std::runtime_error(sqlite3_errmsg(connection_.get()));
    sqlite3_reset(insert_.get());
}

void BareSqlite::insert_event(std::span<const std::byte> bytes, std::string_view key) {
    sqlite3_stmt* statement = insert_event_.get();
    constexpr std::int64_t a_time = 1'768'500'000'000'000;
    constexpr std::array<std::byte, 16> an_id{};
    int column = 0;
    sqlite3_bind_int64(statement, ++column, 3);
    sqlite3_bind_blob(statement, ++column, an_id.data(), an_id.size(), SQLITE_STATIC);
    for (const std::int64_t number : {std::int64_t{1}, std::int64_t{1}, a_time, a_time})
        sqlite3_bind_int64(statement, ++column, number);
    sqlite3_bind_text(statement, ++column, key.data(), static_cast<int>(key.size()), SQLITE_STATIC);
    sqlite3_bind_blob(statement, ++column, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
    if (sqlite3_step(statement) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(connection_.get()));
    sqlite3_reset(statement);
}

std::int64_t BareSqlite::read_after(std::int64_t row) {
    sqlite3_bind_int64(select_.get(), 1, row);
    while (sqlite3_step(select_.get()) == SQLITE_ROW) row = sqlite3_column_int64(select_.get(), 0);
    sqlite3_reset(select_.get());
    return row;
}

}  // namespace eventbus::bench
