#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "eventbus/broker/subscription.hpp"
#include "eventbus/event/error.hpp"
#include "eventbus/kafka/client.hpp"
#include "eventbus/kafka/partitions.hpp"

namespace eventbus::kafka_topics {

/// How long one question to the cluster may take.
inline constexpr std::chrono::milliseconds time_to_answer{10'000};

struct TopicState {
    std::string name;
    std::int32_t partitions = 0;
};

/// The cluster's topics by name, Kafka's own left out. Makes none. Throws BrokerError, as all that ask.
[[nodiscard]] std::vector<TopicState> list_topics(const kafka::Client& client);
[[nodiscard]] bool has_topic(const kafka::Client& client, const std::string& name);
/// Nothing when the topic is not there.
[[nodiscard]] std::optional<std::int32_t> partitions_of(const kafka::Client& client, const std::string& name);

/// What a partition holds.
struct Stored {
    std::int64_t begin = 0;
    std::int64_t end = 0;
};
[[nodiscard]] Stored stored_in(const kafka::Client& client, const std::string& topic, std::int32_t partition);

/// Where a start is in each partition of a topic of so many; nothing for those that an AfterId does not name.
/// Throws InvalidValue for an AfterId that is none of the topic.
[[nodiscard]] std::vector<std::optional<std::int64_t>> offsets_of(const kafka::Client& client,
                                                                  const std::string& topic,
                                                                  std::int32_t partitions,
                                                                  const StartAt& start);

[[nodiscard]] bool is_missing_topic(rd_kafka_resp_err_t code);
/// Says how to make it.
[[nodiscard]] NotFound missing_topic(const std::string& name);

}  // namespace eventbus::kafka_topics
