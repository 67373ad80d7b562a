#pragma once

#include <exception>
#include <functional>
#include <memory>

#include "eventbus/broker/broker.hpp"

namespace eventbus::bus_test {

/// What goes wrong in a faulty broker. Each is called before the real thing, on the thread that calls, and
/// may throw; an empty one does nothing. Set them before the bus is used.
struct Faults {
    std::function<void()> open = {};
    std::function<void()> subscribe = {};
    std::function<void()> poll = {};
    std::function<void()> acknowledge = {};
    std::function<void()> lag = {};
    std::function<void()> read = {};
    std::function<void()> close = {};
    /// Why an event is not stored; null when it is.
    std::function<std::exception_ptr(const OutgoingEvent&)> refuse = {};
};

/// A broker that fails as `faults` say and else does what `real` does.
[[nodiscard]] std::shared_ptr<Broker> make_faulty_broker(std::shared_ptr<Broker> real,
                                                         std::shared_ptr<const Faults> faults);

}  // namespace eventbus::bus_test
