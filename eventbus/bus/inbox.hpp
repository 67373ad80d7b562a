#pragma once

#include <functional>
#include <string_view>

#include "eventbus/bus/handler_options.hpp"
#include "eventbus/event/uuid.hpp"

namespace eventbus {

class InboxTransaction;

/// What an inbox remembers: that this handler of this group has finished the event of this id.
struct InboxEntry {
    std::string_view group;
    std::string_view handler;
    const Uuid& id;
};

/// Remembers which events the handlers of consumers have finished. Thread-safe.
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

}  // namespace eventbus
