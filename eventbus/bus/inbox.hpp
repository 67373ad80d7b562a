#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "eventbus/bus/handler_options.hpp"
#include "eventbus/event/timestamp.hpp"
#include "eventbus/event/uuid.hpp"

namespace eventbus {

class InboxTransaction;
class Settings;

/// What an inbox remembers: that this handler of this group has finished the event of this id.
struct InboxEntry {
    std::string_view group;
    std::string_view handler;
    const Uuid& id;
};

/// Remembers which events the handlers of consumers have finished. Thread-safe. A handler must not call it.
class Inbox {
  public:
    Inbox() = default;
    Inbox(const Inbox&) = delete;
    Inbox& operator=(const Inbox&) = delete;
    virtual ~Inbox() = default;

    /// Calls `work` unless the entry is there, and enters it when `work` returned. `use` is not `no`; with
    /// InboxUse::transaction both are one transaction, which `work` is given (else null), and which is undone
    /// when `work` throws. Returns whether it was called. Passes on what `work` throws; throws BrokerError
    /// when the inbox cannot be read or written.
    virtual bool run_once(const InboxEntry& entry, InboxUse use,
                          const std::function<void(InboxTransaction*)>& work) = 0;
};

struct InboxOptions {
    /// The SQLite file; made when it is not there. It may be one that holds a service's own tables, so that
    /// handlers can change them in the inbox's transaction; it is put into write-ahead mode.
    std::string path;
    /// How long an entry is kept; 0 for ever. Not less than a broker may take to hand an event out again.
    std::chrono::seconds retention = std::chrono::hours{7 * 24};
    /// How long a call waits for other processes that are writing before it fails, retriably.
    std::chrono::milliseconds patience{30'000};
    std::function<Timestamp()> clock = now;
};

/// As the EVENT_BUS_INBOX_* settings say. Throws SettingsError.
[[nodiscard]] InboxOptions inbox_options(const Settings& settings);

/// An inbox in a SQLite file, for any number of threads and processes of one machine at once. With
/// InboxUse::transaction handlers work one after the other, since SQLite has one writer at a time, and the
/// commit waits for the disk: an effect and its entry survive a power cut together. With InboxUse::remember
/// handlers work at once, and an entry survives the death of any process, but not always a power cut.
///
/// A finished handler whose entry could not be written is not run again by this object: the next call for the
/// entry only writes it. A process that forks may go on using the inbox in the child; a fork waits for other
/// threads' transactions. Throws BrokerError when the file cannot be opened, is no database, or is the file
/// of an embedded bus.
[[nodiscard]] std::shared_ptr<Inbox> make_inbox(InboxOptions options);
[[nodiscard]] std::shared_ptr<Inbox> make_inbox(const Settings& settings);

}  // namespace eventbus
