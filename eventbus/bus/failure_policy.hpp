#pragma once

#include <span>
#include <string_view>

#include "eventbus/bus/bus.hpp"
#include "eventbus/bus/failure.hpp"

namespace eventbus {

/// An event from a broker that was given up.
struct FailedEvent {
    const ReceivedEvent& event;
    /// At least one, each of another handler.
    std::span<const Failure> failures;
    std::string_view group;
};

/// Decides what becomes of an event that was given up.
class FailurePolicy {
  public:
    FailurePolicy() = default;
    FailurePolicy(const FailurePolicy&) = delete;
    FailurePolicy& operator=(const FailurePolicy&) = delete;
    virtual ~FailurePolicy() = default;

    /// Returns when these failures are settled: nothing of them hinders that the event is acknowledged. What
    /// it throws stops the consumer and leaves the event to be handed out again. Called a second time for an
    /// event that a handler of batches gives up later than the others. A consumer with several workers calls
    /// it from several threads.
    virtual void settle(Bus& bus, const FailedEvent& failed) = 0;
};

/// Logs an error with all that is needed to recover the event by hand, and lets it be acknowledged, as the
/// Python consumers do: topic, partition, position, group, key, metadata, the handlers that failed and why,
/// and the data as JSON where it can be read, else as base64. Mind that the data may be personal.
class LogFailures : public FailurePolicy {
  public:
    void settle(Bus& bus, const FailedEvent& failed) override;
};

}  // namespace eventbus
