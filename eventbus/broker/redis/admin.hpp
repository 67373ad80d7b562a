#pragma once

#include <memory>
#include <mutex>

#include "eventbus/broker/redis/options.hpp"
#include "eventbus/broker/redis/stream_state.hpp"
#include "eventbus/redis/link.hpp"

namespace eventbus::redis_streams {

/// A topic is any stream of the database whose name a topic may have.
class RedisAdmin final : public Admin {
  public:
    explicit RedisAdmin(std::shared_ptr<const Options> options);

    [[nodiscard]] std::vector<TopicInfo> topics() override;
    [[nodiscard]] std::optional<TopicInfo> topic(const TopicName& name) override;
    void create_topic(const TopicName& name, const TopicOptions& options) override;
    void delete_topic(const TopicName& name) override;
    void delete_events_before(const TopicName& topic, Partition partition, const Offset& before) override;
    [[nodiscard]] std::vector<GroupInfo> groups(const TopicName& topic) override;
    void move_group(const TopicName& topic, const GroupName& group, const StartAt& to) override;

  private:
    /// Calls `work` with the connection, one thread at a time.
    template <class Work>
    auto use(const Work& work);

    std::shared_ptr<const Options> options_;
    std::unique_ptr<std::mutex> mutex_;
    redis::Link link_;
    unsigned generation_;
    std::mutex starting_;
};

}  // namespace eventbus::redis_streams
