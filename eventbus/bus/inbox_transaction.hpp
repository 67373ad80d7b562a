#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string_view>
#include <variant>

struct sqlite3;

namespace eventbus {

namespace sqlite {
class Connection;
class Statement;
}  // namespace sqlite

/// A value for a parameter of a statement. Texts and blobs are views.
using SqlValue =
    std::variant<std::nullptr_t, std::int64_t, double, std::string_view, std::span<const std::byte>>;

/// One row of a query. Columns count from 0; what is of another type is converted as SQLite does it.
class SqlRow {
  public:
    explicit SqlRow(const sqlite::Statement& statement) : statement_(statement) {}

    [[nodiscard]] bool is_null(int column) const;
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] double real(int column) const;
    /// Valid during the call that the row was given to.
    [[nodiscard]] std::string_view text(int column) const;
    [[nodiscard]] std::span<const std::byte> blob(int column) const;

  private:
    const sqlite::Statement& statement_;
};

/// The transaction in which the inbox notes that an event is finished, for a handler with
/// InboxUse::transaction: what the handler does to its own tables here is kept if and only if the event is
/// noted. It is committed after the handler returned, and rolled back when the handler throws; the handler
/// must do neither (that is refused). Used on the handler's thread, during the call.
///
/// Tables whose names begin with `eventbus_` are the inbox's own. Failures of SQL are BrokerError, with
/// StorageFull for a full disk; what failed so may have taken the whole transaction with it, and then the
/// handler cannot succeed.
class InboxTransaction {
  public:
    explicit InboxTransaction(sqlite::Connection& connection) : connection_(connection) {}
    InboxTransaction(const InboxTransaction&) = delete;
    InboxTransaction& operator=(const InboxTransaction&) = delete;

    /// Runs one statement to its end, and returns how many rows it changed. Throws InvalidValue for SQL that
    /// is not one statement, and when there are not as many values as it has parameters.
    std::int64_t execute(std::string_view sql, std::initializer_list<SqlValue> values = {});

    /// Calls `each` with every row that a statement gives. Throws as `execute`, and what `each` throws.
    void query(std::string_view sql, std::initializer_list<SqlValue> values,
               const std::function<void(const SqlRow&)>& each);

    /// The connection, for all that SQLite can do. Statements made of it are finalised, and cursors closed,
    /// before the handler returns.
    [[nodiscard]] sqlite3* handle() const;

  private:
    sqlite::Connection& connection_;
};

}  // namespace eventbus
