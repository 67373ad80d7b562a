#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <span>
#include <vector>

#include "eventbus/broker/event.hpp"

namespace eventbus {

/// What became of one event of a `publish`: its position, or why it was not stored (null when it was).
struct Delivery {
    Position position;
    std::exception_ptr failure;
};

/// Throws InvalidValue when the event has no topic or no metadata.
void check_complete(const OutgoingEvent& event);

/// Called once for each event of an `enqueue`, from any thread, in the order of the events of one topic and
/// key. Must not throw and must not call the publisher.
using DeliveryHandler = std::function<void(const Delivery&)>;

/// Writes events to topics. Thread-safe: any number of threads may publish at once.
class Publisher {
  public:
    Publisher() = default;
    Publisher(const Publisher&) = delete;
    Publisher& operator=(const Publisher&) = delete;
    /// Flushes for at most the broker's close time-out; what is not stored by then is reported as failed.
    virtual ~Publisher() = default;

    /// Stores the events and returns when each is durable or has failed: one Delivery for each, in order.
    /// Events of one topic and key are stored in the order given. Concurrent calls share a sync (group
    /// commit). Throws nothing for a single event's failure; only for a wrong call.
    [[nodiscard]] virtual std::vector<Delivery> publish(std::span<const OutgoingEvent> events) = 0;

    /// Copies the event and returns at once; `done` is called when it is durable or has failed. Blocks only
    /// while the bounded queue is full. Order is kept with other calls of the same thread.
    virtual void enqueue(const OutgoingEvent& event, DeliveryHandler done) = 0;

    /// Waits until everything enqueued so far is durable or has failed; false when `limit` passed first.
    virtual bool flush(std::chrono::milliseconds limit) = 0;
};

}  // namespace eventbus
