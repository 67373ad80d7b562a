#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "eventbus/event/error.hpp"
#include "eventbus/event/forks.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace eventbus::sqlite {

/// A database file, and what messages tell about it besides.
struct Place {
    std::string path;
    /// The setting that names the file.
    std::string setting;
    /// Whose file it is: `the embedded bus`.
    std::string owner;
};

/// Others held their locks on the file for longer than it was waited for; retriable.
class FileInUse final : public BrokerError {
  public:
    explicit FileInUse(const std::string& what) : BrokerError(what, true) {}
};

/// One prepared statement. Bound texts and blobs are not copied: they must live until the statement is reset.
/// Every failure is a BrokerError with the file's path and what to do. Used by one thread at a time.
class Statement {
  public:
    /// `place` must outlive it. Throws InvalidValue for SQL that is not one statement.
    Statement(sqlite3* connection, const Place& place, std::string_view sql);
    ~Statement();
    Statement(Statement&& other) noexcept;
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    Statement& operator=(Statement&&) = delete;

    /// Forgets the last run and binds the values in order from the first parameter.
    template <class... Values>
    Statement& with(const Values&... values) {
        reset();
        int index = 0;
        (bind(++index, values), ...);
        return *this;
    }

    /// Goes to the next row; false after the last.
    bool next();
    /// Runs to the end, and resets.
    void run();
    /// Ends the run, so that it holds no lock and no memory of others.
    void reset() noexcept;

    [[nodiscard]] int columns() const;
    [[nodiscard]] int parameters() const;
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] double real(int column) const;
    [[nodiscard]] bool is_null(int column) const;
    [[nodiscard]] bool is_integer(int column) const;
    /// Valid until the next call of a member that is not const.
    [[nodiscard]] std::string_view text(int column) const;
    [[nodiscard]] std::span<const std::byte> blob(int column) const;

    void bind(int index, std::int64_t value);
    void bind(int index, double value);
    void bind(int index, std::string_view value);
    void bind(int index, std::span<const std::byte> value);
    void bind(int index, std::nullptr_t);

  private:
    [[noreturn]] void fail(int code) const;
    sqlite3* connection_;
    const Place* place_;
    sqlite3_stmt* statement_ = nullptr;
};

/// How a commit treats the disk: `full` waits for it, `normal` leaves that to the next checkpoint, `off` to
/// the operating system.
enum class Sync { full, normal, off };

/// A connection to a database file, closed at the end. Used by one thread at a time. A child that is forked
/// closes it, statements and all: whoever holds statements of it must not end them there.
class Connection final : private ClosedByFork {
  public:
    /// Opens the file, which must be there, for reading and writing. Waits up to `patience` for other
    /// processes' locks.
    Connection(Place place, Sync sync, std::chrono::milliseconds patience);
    ~Connection() override;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    [[nodiscard]] Statement prepare(std::string_view sql);
    void execute(const std::string& sql);
    [[nodiscard]] std::int64_t changes() const;
    /// Since the connection was opened, also by triggers.
    [[nodiscard]] std::int64_t changes_in_all() const;
    [[nodiscard]] std::int64_t last_row_id() const;
    [[nodiscard]] const std::string& path() const { return place_.path; }
    [[nodiscard]] const Place& place() const { return place_; }
    /// Null when a child has closed it.
    [[nodiscard]] sqlite3* handle() const { return connection_; }
    [[nodiscard]] bool is_in_transaction() const;
    /// As long as it is set, every commit is refused and becomes a rollback, whoever asks for it.
    void refuse_commits(bool refused);
    /// Throws the BrokerError that says that the file is damaged: what it holds cannot be.
    [[noreturn]] void refuse_damage(const std::string& why) const;

    void roll_back() noexcept;

  private:
    Place place_;
    sqlite3* connection_ = nullptr;
    std::chrono::milliseconds patience_;
    std::chrono::steady_clock::time_point waiting_since_;

    static int on_busy(void* self, int attempt);
    void close_in_child() noexcept override;
};

/// A write transaction: begun at once, rolled back unless committed.
class Transaction {
  public:
    explicit Transaction(Connection& connection);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    void commit();

  private:
    NoFork no_fork_;
    Connection& connection_;
    bool open_ = true;
};

}  // namespace eventbus::sqlite
