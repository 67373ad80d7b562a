#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <tuple>

#include "eventbus/bus/inbox.hpp"
#include "eventbus/bus/inbox_table.hpp"
#include "eventbus/sqlite/database.hpp"

namespace eventbus {

/// An inbox in a database file, for many threads and processes at once.
///
/// It has two connections, each used by one thread at a time: SQLite has one writer at a time anyway. The one
/// for transactions waits for the disk at each commit; the one for notes leaves that to the operating system,
/// as a note that a power cut takes costs no more than one that was never written.
class SqliteInbox final : public Inbox {
  public:
    /// Opens the file. Throws BrokerError.
    explicit SqliteInbox(InboxOptions options);
    ~SqliteInbox() override;

    bool run_once(const InboxEntry& entry, InboxUse use,
                  const std::function<void(InboxTransaction*)>& work) override;

  private:
    struct File;
    using OwnEntry = std::tuple<std::string, std::string, Uuid>;

    /// A connection that is opened when it is needed, and opened anew after a fork.
    class Lane {
      public:
        Lane(const InboxOptions& options, sqlite::Sync sync);
        Lane(const Lane&) = delete;
        Lane& operator=(const Lane&) = delete;
        ~Lane();
        /// With the mutex locked.
        [[nodiscard]] File& file();
        [[nodiscard]] std::mutex& mutex() { return mutex_; }

      private:
        void leave_to_parent() noexcept;

        const InboxOptions& options_;
        sqlite::Sync sync_;
        std::mutex mutex_;
        unsigned generation_;
        std::unique_ptr<File> file_;
    };

    [[nodiscard]] bool run_in_transaction(const InboxEntry& entry,
                                          const std::function<void(InboxTransaction*)>& work);
    [[nodiscard]] bool run_and_note(const InboxEntry& entry,
                                    const std::function<void(InboxTransaction*)>& work);
    [[nodiscard]] bool is_noted(const InboxEntry& entry);
    void note(const InboxEntry& entry);
    void write_note(const InboxEntry& entry);

    InboxOptions options_;
    Lane transactions_;
    Lane notes_;
    /// What is finished and could not be noted: it must not run again when it is tried again. Guarded by the
    /// mutex of `notes_`.
    std::set<OwnEntry> unwritten_;
};

}  // namespace eventbus
