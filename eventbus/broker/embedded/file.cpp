#include "eventbus/broker/embedded/file.hpp"

#include <cstdint>
#include <string_view>

#include "eventbus/event/error.hpp"
#include "eventbus/sqlite/database_file.hpp"

namespace eventbus::embedded {

namespace {

constexpr std::int64_t format_version = 1;
constexpr std::string_view path_setting = "EVENT_BUS_EMBEDDED_PATH";

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

bool is_empty(Connection& connection) {
    return sqlite::value_of(connection, "SELECT count(*) FROM sqlite_master") == 0;
}

void refuse_foreign(Connection& connection) {
    // Asked in this order, as another process may be making the tables, which come together with the id.
    const bool empty = is_empty(connection);
    const std::int64_t id = sqlite::value_of(connection, "PRAGMA application_id");
    if (id == 0 && empty) return;
    if (id != sqlite::application_id_of_bus)
        throw BrokerError(connection.path() + " is a database of another program; set " +
                              std::string(path_setting) + " to another file",
                          false);
    const std::int64_t version = sqlite::value_of(connection, "PRAGMA user_version");
    if (version > format_version)
        throw BrokerError(connection.path() + " was written by a newer version of eventbus (format " +
                              std::to_string(version) + ", this one knows " + std::to_string(format_version) +
                              "); upgrade this program",
                          false);
}

void make_tables(Connection& connection) {
    if (!is_empty(connection)) return;
    Transaction transaction(connection);
    if (!is_empty(connection)) return;
    connection.execute(schema);
    connection.execute("PRAGMA application_id = " + std::to_string(sqlite::application_id_of_bus));
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
    const sqlite::Place place{path, std::string(path_setting), "the embedded bus"};
    sqlite::make_file(place);
    auto connection = std::make_unique<Connection>(place, sync, patience);
    refuse_foreign(*connection);
    sqlite::use_write_ahead_log(*connection, patience);
    make_tables(*connection);
    return connection;
}

}  // namespace eventbus::embedded
