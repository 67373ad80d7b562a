#include "eventbus/bus/inbox_transaction.hpp"

#include <string>

#include "eventbus/sqlite/database.hpp"

namespace eventbus {

namespace {

sqlite::Statement prepare(sqlite::Connection& connection, std::string_view sql,
                          std::initializer_list<SqlValue> values) {
    if (connection.handle() == nullptr)
        throw BrokerError("the inbox's transaction belongs to the process that this one was forked from",
                          false);
    sqlite::Statement statement = connection.prepare(sql);
    if (static_cast<std::size_t>(statement.parameters()) != values.size())
        throw InvalidValue("the statement has " + std::to_string(statement.parameters()) +
                           " parameters, and was given " + std::to_string(values.size()) +
                           " values: " + std::string(sql));
    int index = 0;
    for (const SqlValue& value : values)
        std::visit([&](const auto& plain) { statement.bind(++index, plain); }, value);
    return statement;
}

}  // namespace

bool SqlRow::is_null(int column) const { return statement_.is_null(column); }
std::int64_t SqlRow::integer(int column) const { return statement_.integer(column); }
double SqlRow::real(int column) const { return statement_.real(column); }
std::string_view SqlRow::text(int column) const { return statement_.text(column); }
std::span<const std::byte> SqlRow::blob(int column) const { return statement_.blob(column); }

std::int64_t InboxTransaction::execute(std::string_view sql, std::initializer_list<SqlValue> values) {
    sqlite::Statement statement = prepare(connection_, sql, values);
    const std::int64_t before = connection_.changes_in_all();
    statement.run();
    return connection_.changes_in_all() - before;
}

void InboxTransaction::query(std::string_view sql, std::initializer_list<SqlValue> values,
                             const std::function<void(const SqlRow&)>& each) {
    sqlite::Statement statement = prepare(connection_, sql, values);
    const SqlRow row(statement);
    while (statement.next()) each(row);
}

sqlite3* InboxTransaction::handle() const { return connection_.handle(); }

}  // namespace eventbus
