#pragma once

#include <chrono>
#include <memory>

#include "eventbus/bus/inbox.hpp"
#include "eventbus/event/timestamp.hpp"
#include "eventbus/sqlite/database.hpp"

namespace eventbus {

/// The inbox's tables in a database file, which may hold other tables too:
///     eventbus_inbox_handlers    a number for each group and handler
///     eventbus_inbox             handler, event's id (16 bytes), finished_at (seconds since 1970)
/// Used by one thread at a time.
class InboxTable {
  public:
    /// Makes the tables when they are not there. Throws BrokerError when the file is an embedded bus's, or
    /// its tables are of another version.
    explicit InboxTable(sqlite::Connection& connection);

    [[nodiscard]] bool has(const InboxEntry& entry);
    /// Nothing when it is there. In a transaction of the caller's.
    void add(const InboxEntry& entry, Timestamp finished);
    /// Removes some entries that finished before this; returns whether there may be more. In a transaction of
    /// the caller's.
    bool remove_some(Timestamp finished_before);

  private:
    [[nodiscard]] bool insert(const InboxEntry& entry, Timestamp finished);

    sqlite::Connection& connection_;
    sqlite::Statement find_;
    sqlite::Statement insert_;
    sqlite::Statement insert_handler_;
    sqlite::Statement remove_;
};

/// Opens the file at `place`, and makes it, with its directory, when it is not there (0600 in 0700). Throws
/// BrokerError.
[[nodiscard]] std::unique_ptr<sqlite::Connection> open_inbox_file(const sqlite::Place& place,
                                                                  sqlite::Sync sync,
                                                                  std::chrono::milliseconds patience);

}  // namespace eventbus
