#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "eventbus/broker/memory/store.hpp"
#include "eventbus/broker/publisher.hpp"

namespace eventbus::memory {

/// Stores at once, in the caller's thread: nothing is ever queued.
class MemoryPublisher final : public Publisher {
  public:
    explicit MemoryPublisher(std::shared_ptr<Store> store) : store_(std::move(store)) {}

    [[nodiscard]] std::vector<Delivery> publish(std::span<const OutgoingEvent> events) override;
    void enqueue(const OutgoingEvent& event, DeliveryHandler done) override;
    bool flush(std::chrono::milliseconds limit) override;

  private:
    [[nodiscard]] Delivery store(const OutgoingEvent& event);

    std::shared_ptr<Store> store_;
    /// Keeps the calls of delivery handlers in the order of the events.
    std::mutex enqueue_;
};

}  // namespace eventbus::memory
