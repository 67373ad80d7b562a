#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "eventbus/bus/handler_list.hpp"
#include "eventbus/bus/signal_table.hpp"

namespace eventbus {

/// A handler of events of any type.
struct RawCall {
    RawHandler handle;
    /// Empty when it takes one event at a time.
    RawBatchHandler handle_batch = {};
};

/// Connects handlers to signals, and handlers of all events. Thread-safe.
class HandlerTable {
  public:
    using RawHandlers = HandlerList<RawCall>::Handlers;

    /// Throws InvalidValue when the signal has a handler of this name, or one of other data, or the options
    /// cannot be.
    HandlerId connect(SignalState& signal, std::string name, TypedCall call, const HandlerOptions& options);
    /// Throws InvalidValue when there is one of this name.
    HandlerId connect_all(std::string name, RawCall call, const HandlerOptions& options);
    /// False when there is none of this id.
    bool disconnect(HandlerId handler);

    /// Some handler was connected that asks for the inbox.
    [[nodiscard]] bool needs_inbox() const { return needs_inbox_; }
    /// Null when there are none.
    [[nodiscard]] std::shared_ptr<const RawHandlers> raw_handlers() const { return raw_.snapshot(); }
    /// Null when there is no handler of all events with this name.
    [[nodiscard]] std::shared_ptr<const ConnectedHandler<RawCall>> find_raw(std::string_view name) const {
        return raw_.find(name);
    }

  private:
    HandlerId next_id();

    std::mutex mutex_;
    std::atomic<bool> needs_inbox_ = false;
    std::uint64_t last_id_ = 0;
    /// The signal of each handler; null for a handler of all events.
    std::unordered_map<HandlerId, SignalState*> signal_of_;
    HandlerList<RawCall> raw_;
};

/// Throws InvalidValue when `handlers` take other data than `codec` is for.
void check_same_data(const HandlerList<TypedCall>::Handlers& handlers, const DataCodec& codec,
                     const EventType& type);

}  // namespace eventbus
