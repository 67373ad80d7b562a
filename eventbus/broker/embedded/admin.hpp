#pragma once

#include <memory>
#include <mutex>

#include "eventbus/broker/embedded/embedded_broker.hpp"
#include "eventbus/broker/embedded/sqlite.hpp"
#include "eventbus/broker/embedded/topics.hpp"
#include "eventbus/broker/embedded/wake_word.hpp"

namespace eventbus::embedded {

class EmbeddedAdmin final : public Admin {
  public:
    explicit EmbeddedAdmin(std::shared_ptr<const EmbeddedOptions> options);

    [[nodiscard]] std::vector<TopicInfo> topics() override;
    [[nodiscard]] std::optional<TopicInfo> topic(const TopicName& name) override;
    void create_topic(const TopicName& name, const TopicOptions& options) override;
    void delete_topic(const TopicName& name) override;
    void delete_events_before(const TopicName& topic, Partition partition, const Offset& before) override;
    [[nodiscard]] std::vector<GroupInfo> groups(const TopicName& topic) override;
    void move_group(const TopicName& topic, const GroupName& group, const StartAt& to) override;

  private:
    [[nodiscard]] TopicInfo describe(const TopicName& name, const Topic& topic);
    [[nodiscard]] Topic existing(const TopicName& name);
    [[nodiscard]] GroupInfo describe_group(const TopicName& name, const Topic& topic,
                                           const std::string& group);

    void start_afresh_after_fork();
    void overwrite_what_is_deleted();

    std::shared_ptr<const EmbeddedOptions> options_;
    std::unique_ptr<Connection> connection_;
    WakeWord wake_word_;
    std::mutex mutex_;
    unsigned generation_;
};

}  // namespace eventbus::embedded
