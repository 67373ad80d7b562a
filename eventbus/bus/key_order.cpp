#include "eventbus/bus/key_order.hpp"

#include "eventbus/bus/dead_letter_topic.hpp"

namespace eventbus {

KeyOrder::KeyOrder(const std::shared_ptr<Broker>& broker, const std::vector<TopicName>& topics,
                   const GroupName& group) {
    for (const TopicName& topic : topics)
        parked_.try_emplace(topic, broker, dead_letter_topic(topic, group), group);
}

void KeyOrder::refresh() {
    const std::lock_guard lock(mutex_);
    for (auto& [topic, parked] : parked_) parked.refresh();
}

void KeyOrder::refresh(const TopicName& topic) {
    const std::lock_guard lock(mutex_);
    if (const auto parked = parked_.find(topic); parked != parked_.end()) parked->second.refresh();
}

bool KeyOrder::must_wait(const HeldEvent& held) const {
    if (!held.event.key) return false;
    const std::lock_guard lock(mutex_);
    const auto parked = parked_.find(held.event.topic);
    if (parked == parked_.end()) return false;
    return held.redriven ? parked->second.must_wait_again(held.event, held.receipt.position)
                         : parked->second.must_wait(*held.event.key);
}

}  // namespace eventbus
