#include "eventbus/broker/memory/memory_admin.hpp"

namespace eventbus::memory {

std::vector<TopicInfo> MemoryAdmin::topics() { return store_->topics(); }

std::optional<TopicInfo> MemoryAdmin::topic(const TopicName& name) { return store_->topic(name); }

void MemoryAdmin::create_topic(const TopicName& name, const TopicOptions& options) {
    store_->create_topic(name, options);
}

void MemoryAdmin::delete_topic(const TopicName& name) { store_->delete_topic(name); }

void MemoryAdmin::delete_events_before(const TopicName& topic, Partition partition, const Offset& before) {
    store_->delete_events_before(topic, partition, before);
}

std::vector<GroupInfo> MemoryAdmin::groups(const TopicName& topic) { return store_->groups(topic); }

void MemoryAdmin::move_group(const TopicName& topic, const GroupName& group, const StartAt& to) {
    store_->move_group(topic, group, to);
}

}  // namespace eventbus::memory
