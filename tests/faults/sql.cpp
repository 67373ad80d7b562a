#include "sql.hpp"

#include <stdexcept>

namespace eventbus::faults {

Sql::Sql(const std::filesystem::path& path) : connection_(nullptr, sqlite3_close) {
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE, nullptr);
    connection_.reset(opened);
    if (code != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(opened));
    sqlite3_busy_timeout(opened, 60'000);
}

std::vector<Sql::Row> Sql::run(const std::string& statement, const std::vector<std::string>& values) const {
    sqlite3_stmt* made = nullptr;
    const auto fail = [this] { throw std::runtime_error(sqlite3_errmsg(connection_.get())); };
    if (sqlite3_prepare_v2(connection_.get(), statement.c_str(), -1, &made, nullptr) != SQLITE_OK) fail();
    const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> prepared(made, sqlite3_finalize);
    for (std::size_t i = 0; i < values.size(); ++i)
        sqlite3_bind_text(made, static_cast<int>(i) + 1, values[i].data(), static_cast<int>(values[i].size()),
                          SQLITE_TRANSIENT);
    std::vector<Row> rows;
    for (;;) {
        const int code = sqlite3_step(made);
        if (code == SQLITE_DONE) return rows;
        if (code != SQLITE_ROW) fail();
        Row& row = rows.emplace_back();
        for (int column = 0; column < sqlite3_column_count(made); ++column) {
            if (sqlite3_column_type(made, column) == SQLITE_NULL) {
                row.emplace_back();
                continue;
            }
            const void* bytes = sqlite3_column_blob(made, column);
            const auto size = static_cast<std::size_t>(sqlite3_column_bytes(made, column));
            row.emplace_back(size == 0 ? std::string() : std::string(static_cast<const char*>(bytes), size));
        }
    }
}

std::string Sql::value(const std::string& statement, const std::vector<std::string>& values) const {
    const std::vector<Row> rows = run(statement, values);
    return rows.empty() ? std::string() : rows[0].at(0).value_or("");
}

}  // namespace eventbus::faults
