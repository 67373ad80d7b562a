#pragma once

#include <chrono>
#include <span>
#include <string_view>

#include "eventbus/broker/event.hpp"
#include "eventbus/bus/failure.hpp"
#include "eventbus/bus/handler.hpp"
#include "eventbus/bus/send.hpp"

namespace eventbus {

/// Told what a bus does, to count, time and trace it. The calls come from any thread, so they must be
/// thread-safe; they must not throw, and should return soon. Everything they are given is valid during the
/// call.
class Observer {
  public:
    Observer() = default;
    Observer(const Observer&) = delete;
    Observer& operator=(const Observer&) = delete;
    virtual ~Observer() = default;

    using Duration = std::chrono::steady_clock::duration;

    /// An event was sent: what became of it in the process and on each topic, and the time from the call to
    /// its durability.
    virtual void sent(const SendReport& /*report*/, Duration /*took*/) {}
    /// An event arrived.
    virtual void received(const ReceivedEvent& /*event*/) {}
    /// Every handler of an event from the bus returned.
    virtual void handled(const ReceivedEvent& /*event*/, Duration /*took*/) {}
    /// At least one handler of an event from the bus threw; it may be tried again.
    virtual void failed(const ReceivedEvent& /*event*/, std::span<const HandlerResult> /*results*/,
                        Duration /*took*/) {}
    /// An event from the bus could not be given to its handlers.
    virtual void unusable(const ReceivedEvent& /*event*/, std::string_view /*reason*/) {}
    /// An event from the bus was given up and settled: it is a dead letter, or what else the failure policy
    /// makes of it.
    virtual void gave_up(const ReceivedEvent& /*event*/, std::span<const Failure> /*failures*/) {}
    /// A call of a handler takes, or took, longer than it may. Told once for a call.
    virtual void overtime(const ReceivedEvent& /*event*/, std::string_view /*handler*/, Duration /*so_far*/) {
    }
    /// Events were acknowledged.
    virtual void acknowledged(std::size_t /*events*/) {}
};

}  // namespace eventbus
