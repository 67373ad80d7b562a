#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace eventbus::bench {

/// What the embedded bus is measured against: SQLite alone, a table of bytes, the same journal mode and
/// `synchronous`. Throws std::runtime_error.
class BareSqlite {
  public:
    BareSqlite(const std::string& file, const std::string& sync);

    void begin() { execute("BEGIN IMMEDIATE"); }
    /// A row with these bytes alone.
    void insert(std::span<const std::byte> bytes);
    /// A row with all that the embedded bus keeps of an event: the bytes, an id, times, a key, numbers.
    void insert_event(std::span<const std::byte> bytes, std::string_view key);
    void commit() { execute("COMMIT"); }
    /// Reads the rows after `row`; returns the last one's number.
    std::int64_t read_after(std::int64_t row);

  private:
    void execute(const char* sql);
    struct Close {
        void operator()(sqlite3* connection) const noexcept;
        void operator()(sqlite3_stmt* statement) const noexcept;
    };
    [[nodiscard]] std::unique_ptr<sqlite3_stmt, Close> prepare(const char* sql);

    std::unique_ptr<sqlite3, Close> connection_;
    std::unique_ptr<sqlite3_stmt, Close> insert_;
    std::unique_ptr<sqlite3_stmt, Close> insert_event_;
    std::unique_ptr<sqlite3_stmt, Close> select_;
};

}  // namespace eventbus::bench
