#include "eventbus/bus/sqlite_inbox.hpp"

#include <chrono>
#include <optional>
#include <utility>

#include "eventbus/bus/inbox_transaction.hpp"
#include "eventbus/event/forks.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

using sqlite::Connection;

constexpr std::chrono::seconds look_for_old_interval{1};

/// More than a consumer has in hand at a time, by its default prefetch, and a bound for its memory.
constexpr std::size_t most_unwritten = 10'000;

// Other processes hold the lock for as long as their handlers work. The waiting itself must not keep a fork
// from being possible, so it is made of short calls.
template <class Call>
void patiently(std::chrono::milliseconds patience, const Call& call) {
    const auto until = std::chrono::steady_clock::now() + patience;
    for (;;) {
        try {
            return call();
        } catch (const sqlite::FileInUse&) {
            if (std::chrono::steady_clock::now() >= until) throw;
        }
    }
}

/// A write transaction that is rolled back unless committed. Forks are possible between its calls.
class OpenTransaction {
  public:
    OpenTransaction(Connection& connection, std::chrono::milliseconds patience) : connection_(connection) {
        patiently(patience, [&] { connection_.execute("BEGIN IMMEDIATE"); });
    }
    OpenTransaction(const OpenTransaction&) = delete;
    OpenTransaction& operator=(const OpenTransaction&) = delete;
    ~OpenTransaction() { connection_.roll_back(); }
    void commit() { connection_.execute("COMMIT"); }

  private:
    Connection& connection_;
};

/// While the handler has the connection, nobody commits.
class RefusedCommits {
  public:
    explicit RefusedCommits(Connection& connection) : connection_(connection) {
        connection_.refuse_commits(true);
    }
    RefusedCommits(const RefusedCommits&) = delete;
    RefusedCommits& operator=(const RefusedCommits&) = delete;
    ~RefusedCommits() { connection_.refuse_commits(false); }

  private:
    Connection& connection_;
};

}  // namespace

struct SqliteInbox::File {
    File(const InboxOptions& options, sqlite::Sync sync)
        : connection(
              open_inbox_file({options.path, "EVENT_BUS_INBOX_PATH", "the inbox"}, sync, options.patience)) {
        patiently(options.patience, [&] { table.emplace(*connection); });
    }

    /// In the transaction that is open.
    void add(const InboxEntry& entry, const InboxOptions& options) {
        const Timestamp time = options.clock();
        table->add(entry, time);
        const bool is_due =
            !looked_for_old || time - *looked_for_old >= look_for_old_interval || time < *looked_for_old;
        if (options.retention.count() == 0 || !is_due) return;
        const bool may_have_more = table->remove_some(time - options.retention);
        if (!may_have_more) looked_for_old = time;
    }

    std::unique_ptr<Connection> connection;
    std::optional<InboxTable> table;
    std::optional<Timestamp> looked_for_old;
};

SqliteInbox::Lane::Lane(const InboxOptions& options, sqlite::Sync sync)
    : options_(options), sync_(sync), generation_(fork_generation()) {}

SqliteInbox::Lane::~Lane() { leave_to_parent(); }

// The child has closed what the parent opened: the objects are not ended there a second time.
void SqliteInbox::Lane::leave_to_parent() noexcept {
    if (generation_ != fork_generation()) static_cast<void>(file_.release());
}

SqliteInbox::File& SqliteInbox::Lane::file() {
    leave_to_parent();
    generation_ = fork_generation();
    if (!file_) file_ = std::make_unique<File>(options_, sync_);
    return *file_;
}

SqliteInbox::SqliteInbox(InboxOptions options)
    : options_(std::move(options)),
      transactions_(options_, sqlite::Sync::full),
      notes_(options_, sqlite::Sync::normal) {
    const LongNoFork no_fork;
    static_cast<void>(notes_.file());
}

SqliteInbox::~SqliteInbox() = default;

bool SqliteInbox::run_once(const InboxEntry& entry, InboxUse use,
                           const std::function<void(InboxTransaction*)>& work) {
    return use == InboxUse::transaction ? run_in_transaction(entry, work) : run_and_note(entry, work);
}

bool SqliteInbox::run_in_transaction(const InboxEntry& entry,
                                     const std::function<void(InboxTransaction*)>& work) {
    const LongNoFork no_fork;
    const std::lock_guard lock(transactions_.mutex());
    File& file = transactions_.file();
    Connection& connection = *file.connection;
    OpenTransaction open(connection, options_.patience);
    if (file.table->has(entry)) return false;
    {
        const RefusedCommits refused(connection);
        InboxTransaction transaction(connection);
        work(&transaction);
    }
    if (!connection.is_in_transaction())
        throw Error("the transaction of the inbox was ended while handler " + quote(entry.handler) +
                    " worked in it, by COMMIT, ROLLBACK or a failure that the handler passed over; nothing "
                    "of its work is kept");
    file.add(entry, options_);
    open.commit();
    return true;
}

bool SqliteInbox::run_and_note(const InboxEntry& entry, const std::function<void(InboxTransaction*)>& work) {
    if (is_noted(entry)) return false;
    work(nullptr);
    note(entry);
    return true;
}

bool SqliteInbox::is_noted(const InboxEntry& entry) {
    const LongNoFork no_fork;
    const std::lock_guard lock(notes_.mutex());
    if (const auto unwritten =
            unwritten_.find({std::string(entry.group), std::string(entry.handler), entry.id});
        unwritten != unwritten_.end()) {
        write_note(entry);
        unwritten_.erase(unwritten);
        return true;
    }
    bool found = false;
    patiently(options_.patience, [&] { found = notes_.file().table->has(entry); });
    return found;
}

void SqliteInbox::note(const InboxEntry& entry) {
    const LongNoFork no_fork;
    const std::lock_guard lock(notes_.mutex());
    try {
        write_note(entry);
    } catch (...) {
        if (unwritten_.size() < most_unwritten)
            unwritten_.emplace(std::string(entry.group), std::string(entry.handler), entry.id);
        throw;
    }
}

void SqliteInbox::write_note(const InboxEntry& entry) {
    File& file = notes_.file();
    OpenTransaction open(*file.connection, options_.patience);
    file.add(entry, options_);
    open.commit();
}

}  // namespace eventbus
