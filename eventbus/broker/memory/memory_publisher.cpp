#include "eventbus/broker/memory/memory_publisher.hpp"

#include <algorithm>

namespace eventbus::memory {

std::vector<Delivery> MemoryPublisher::publish(std::span<const OutgoingEvent> events) {
    std::ranges::for_each(events, check_complete);
    std::vector<Delivery> deliveries;
    deliveries.reserve(events.size());
    for (const OutgoingEvent& event : events) deliveries.push_back(store(event));
    return deliveries;
}

void MemoryPublisher::enqueue(const OutgoingEvent& event, DeliveryHandler done) {
    check_complete(event);
    const std::lock_guard lock(enqueue_);
    const Delivery delivery = store(event);
    if (done) done(delivery);
}

bool MemoryPublisher::flush(std::chrono::milliseconds) {
    // An enqueue of another thread that began before is waited for.
    const std::lock_guard lock(enqueue_);
    return true;
}

Delivery MemoryPublisher::store(const OutgoingEvent& event) try {
    StoredEvent stored{*event.metadata,
                       std::nullopt,
                       {event.payload.begin(), event.payload.end()},
                       store_->share_schema(event.schema),
                       {},
                       {}};
    if (event.key) stored.key = std::string(event.key->text);
    if (event.headers != nullptr) stored.headers = *event.headers;
    return {store_->append(*event.topic, std::move(stored)), nullptr};
} catch (...) {
    return {{}, std::current_exception()};
}

}  // namespace eventbus::memory
