#pragma once

#include "eventbus/bus/bus.hpp"

namespace eventbus {

/// An event from a broker that a handler failed on, or that could not be given to its handlers.
struct FailedEvent {
    const ReceivedEvent& event;
    const HandlingReport& report;
    std::string_view group;
};

/// Decides what becomes of an event that was not handled.
class FailurePolicy {
  public:
    FailurePolicy() = default;
    FailurePolicy(const FailurePolicy&) = delete;
    FailurePolicy& operator=(const FailurePolicy&) = delete;
    virtual ~FailurePolicy() = default;

    /// Returns when the event is settled: it may be acknowledged. What it throws stops the consumer and
    /// leaves the event to be handed out again. Called on the consumer's thread.
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
