#pragma once

#include <memory>
#include <utility>

#include "eventbus/broker/admin.hpp"
#include "eventbus/broker/memory/store.hpp"

namespace eventbus::memory {

class MemoryAdmin final : public Admin {
  public:
    explicit MemoryAdmin(std::shared_ptr<Store> store) : store_(std::move(store)) {}

    [[nodiscard]] std::vector<TopicInfo> topics() override;
    [[nodiscard]] std::optional<TopicInfo> topic(const TopicName& name) override;
    void create_topic(const TopicName& name, const TopicOptions& options) override;
    void delete_topic(const TopicName& name) override;
    void delete_events_before(const TopicName& topic, Partition partition, const Offset& before) override;
    [[nodiscard]] std::vector<GroupInfo> groups(const TopicName& topic) override;
    void move_group(const TopicName& topic, const GroupName& group, const StartAt& to) override;

  private:
    std::shared_ptr<Store> store_;
};

}  // namespace eventbus::memory
