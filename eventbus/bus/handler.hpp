#pragma once

#include <concepts>
#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <utility>

#include "eventbus/bus/event_context.hpp"

namespace eventbus {

/// Names a connected handler, for `Bus::disconnect`. Never used twice by one bus.
enum class HandlerId : std::uint64_t {};

/// What became of one handler's call.
struct HandlerResult {
    std::string name;
    /// What the handler threw; null when it returned.
    std::exception_ptr error;
    /// It takes many events at once, and was not called: see HandleOptions::defers_batches.
    bool is_deferred = false;
};

/// The text of an exception: `what()`, or that it is of an unknown type. `error` is not null.
[[nodiscard]] std::string error_text(const std::exception_ptr& error);

/// What can handle an event with this data: the data alone, with the metadata, or with everything that is
/// known.
template <class Handler, class Data>
concept HandlerOf = std::invocable<const Handler&, const Data&> ||
    std::invocable<const Handler&, const Data&, const EventMetadata&> ||
    std::invocable<const Handler&, const Data&, const EventContext&>;

/// A handler of events as bytes. It may be called from several threads at once.
using RawHandler = std::function<void(const RawEvent&)>;

/// A handler whose data type is forgotten: `data` points to the data of the signal that it was made for.
using ErasedHandler = std::function<void(const void* data, const EventContext&)>;

template <class Data, HandlerOf<Data> Handler>
[[nodiscard]] ErasedHandler erase_handler(Handler handler) {
    return [handler = std::move(handler)](const void* data, const EventContext& context) {
        const auto& typed = *static_cast<const Data*>(data);
        if constexpr (std::invocable<const Handler&, const Data&>) {
            handler(typed);
        } else if constexpr (std::invocable<const Handler&, const Data&, const EventMetadata&>) {
            handler(typed, context.metadata);
        } else {
            handler(typed, context);
        }
    };
}

}  // namespace eventbus
