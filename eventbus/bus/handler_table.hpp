#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "eventbus/bus/handler_list.hpp"
#include "eventbus/bus/signal_table.hpp"

namespace eventbus {

/// Connects handlers to signals, and handlers of all events. Thread-safe.
class HandlerTable {
  public:
    using RawHandlers = HandlerList<RawHandler>::Handlers;

    /// Throws InvalidValue when the signal has a handler of this name, or one of other data.
    HandlerId connect(SignalState& signal, const DataCodec& codec, std::string name, ErasedHandler handler,
                      const HandlerOptions& options);
    /// Throws InvalidValue when there is one of this name.
    HandlerId connect_all(std::string name, RawHandler handler, const HandlerOptions& options);
    /// False when there is none of this id.
    bool disconnect(HandlerId handler);

    /// Null when there are none.
    [[nodiscard]] std::shared_ptr<const RawHandlers> raw_handlers() const { return raw_.snapshot(); }
    /// Nothing when there is no handler of all events with this name.
    [[nodiscard]] std::optional<HandlerOptions> raw_options_of(std::string_view name) const {
        return raw_.options_of(name);
    }

  private:
    HandlerId next_id();

    std::mutex mutex_;
    std::uint64_t last_id_ = 0;
    /// The signal of each handler; null for a handler of all events.
    std::unordered_map<HandlerId, SignalState*> signal_of_;
    HandlerList<RawHandler> raw_;
};

/// Throws InvalidValue when `handlers` take other data than `codec` is for.
void check_same_data(const HandlerList<TypedCall>::Handlers& handlers, const DataCodec& codec,
                     const EventType& type);

}  // namespace eventbus
