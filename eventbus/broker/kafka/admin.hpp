#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "eventbus/broker/admin.hpp"
#include "eventbus/broker/kafka/of_this_process.hpp"
#include "eventbus/broker/kafka/options.hpp"
#include "eventbus/kafka/group_client.hpp"

namespace eventbus::kafka_topics {

/// Looks at and changes topics and groups of a cluster.
class KafkaAdmin final : public Admin {
  public:
    explicit KafkaAdmin(std::shared_ptr<const Options> options);

    [[nodiscard]] std::vector<TopicInfo> topics() override;
    [[nodiscard]] std::optional<TopicInfo> topic(const TopicName& name) override;
    void create_topic(const TopicName& name, const TopicOptions& options) override;
    void delete_topic(const TopicName& name) override;
    void delete_events_before(const TopicName& topic, Partition partition, const Offset& before) override;
    [[nodiscard]] std::vector<GroupInfo> groups(const TopicName& topic) override;
    void move_group(const TopicName& topic, const GroupName& group, const StartAt& to) override;

  private:
    [[nodiscard]] std::optional<TopicInfo> find_info(const std::string& name, std::int32_t partitions);
    [[nodiscard]] TopicInfo info_of(const std::string& name, std::int32_t partitions);
    [[nodiscard]] std::optional<GroupInfo> group_of(const std::string& group, const TopicInfo& topic);
    void wait_until(const TopicName& name, bool is_there);

    struct Clients {
        Clients(const kafka::Properties& properties, const LogSink& log)
            : client(RD_KAFKA_CONSUMER, properties, log), groups(client, properties, log) {}

        kafka::Client client;
        kafka::GroupClient groups;
    };

    /// A child of a fork has its own.
    [[nodiscard]] Clients& clients();
    [[nodiscard]] const kafka::Client& client() { return clients().client; }
    [[nodiscard]] kafka::GroupClient& group_client() { return clients().groups; }

    std::shared_ptr<const Options> options_;
    std::mutex starting_;
    OfThisProcess<Clients> clients_;
};

}  // namespace eventbus::kafka_topics
