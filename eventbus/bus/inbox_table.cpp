#include "eventbus/bus/inbox_table.hpp"

#include <cstdint>
#include <span>
#include <string>

#include "eventbus/sqlite/database_file.hpp"

namespace eventbus {

namespace {

using sqlite::Connection;
using sqlite::Statement;

constexpr const char* tables = R"sql(
CREATE TABLE eventbus_inbox_handlers(
    id INTEGER PRIMARY KEY,
    consumer_group TEXT NOT NULL,
    handler TEXT NOT NULL,
    UNIQUE(consumer_group, handler));
CREATE TABLE eventbus_inbox(
    handler INTEGER NOT NULL,
    event BLOB NOT NULL,
    finished_at INTEGER NOT NULL,
    PRIMARY KEY(handler, event)) WITHOUT ROWID;
CREATE INDEX eventbus_inbox_by_age ON eventbus_inbox(finished_at);
)sql";

constexpr std::int64_t most_removed_at_once = 100;

/// How long one call waits for others' locks; who has more patience calls again, so that a fork need not wait
/// for it.
constexpr std::chrono::milliseconds patience_of_a_call{100};

std::string columns_of_inbox(Connection& connection) {
    Statement statement = connection.prepare(
        "SELECT coalesce(group_concat(name), '') FROM pragma_table_info('eventbus_inbox')");
    return statement.next() ? std::string(statement.text(0)) : std::string();
}

Connection& with_tables(Connection& connection) {
    if (sqlite::value_of(connection, "PRAGMA application_id") == sqlite::application_id_of_bus)
        throw BrokerError(connection.path() + " is the file of an embedded bus; set " +
                              connection.place().setting + " to another file",
                          false);
    if (columns_of_inbox(connection).empty()) {
        sqlite::Transaction transaction(connection);
        if (columns_of_inbox(connection).empty()) connection.execute(tables);
        transaction.commit();
    }
    if (columns_of_inbox(connection) != "handler,event,finished_at")
        throw BrokerError(connection.path() +
                              " has a table eventbus_inbox that this version of eventbus does not know; use "
                              "the newer version, or set " +
                              connection.place().setting + " to another file",
                          false);
    return connection;
}

std::int64_t seconds_of(Timestamp time) {
    return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

std::span<const std::byte> bytes_of(const Uuid& id) { return std::as_bytes(std::span(id.bytes())); }

}  // namespace

InboxTable::InboxTable(Connection& connection)
    : connection_(with_tables(connection)),
      find_(connection.prepare("SELECT 1 FROM eventbus_inbox_handlers h JOIN eventbus_inbox i ON i.handler = "
                               "h.id AND i.event = ? WHERE h.consumer_group = ? AND h.handler = ?")),
      insert_(connection.prepare("INSERT OR IGNORE INTO eventbus_inbox SELECT id, ?, ? FROM "
                                 "eventbus_inbox_handlers WHERE consumer_group = ? AND handler = ?")),
      insert_handler_(connection.prepare(
          "INSERT OR IGNORE INTO eventbus_inbox_handlers(consumer_group, handler) VALUES(?, ?)")),
      remove_(connection.prepare(
          "DELETE FROM eventbus_inbox WHERE (handler, event) IN (SELECT handler, event FROM eventbus_inbox "
          "WHERE finished_at < ? ORDER BY finished_at LIMIT ?)")) {}

bool InboxTable::has(const InboxEntry& entry) {
    const bool found = find_.with(bytes_of(entry.id), entry.group, entry.handler).next();
    find_.reset();
    return found;
}

bool InboxTable::insert(const InboxEntry& entry, Timestamp finished) {
    insert_.with(bytes_of(entry.id), seconds_of(finished), entry.group, entry.handler).run();
    return connection_.changes() > 0;
}

void InboxTable::add(const InboxEntry& entry, Timestamp finished) {
    if (insert(entry, finished)) return;
    insert_handler_.with(entry.group, entry.handler).run();
    static_cast<void>(insert(entry, finished));
}

bool InboxTable::remove_some(Timestamp finished_before) {
    remove_.with(seconds_of(finished_before), most_removed_at_once).run();
    return connection_.changes() == most_removed_at_once;
}

std::unique_ptr<Connection> open_inbox_file(const sqlite::Place& place, sqlite::Sync sync,
                                            std::chrono::milliseconds patience) {
    sqlite::make_file(place);
    auto connection = std::make_unique<Connection>(place, sync, patience_of_a_call);
    // A child that is forked in the middle of a transaction must find nothing of it in the shared log.
    connection->execute("PRAGMA cache_spill = OFF");
    sqlite::use_write_ahead_log(*connection, patience);
    return connection;
}

}  // namespace eventbus
