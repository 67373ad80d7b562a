#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "eventbus/broker/admin.hpp"
#include "eventbus/kafka/client.hpp"

namespace eventbus::kafka_topics {

/// The largest event that is taken, with its frame and without what is told about a dead letter.
inline constexpr std::size_t largest_event = std::size_t{16} << 20U;

/// `retention.ms`, `retention.bytes` (of one partition) and `max.message.bytes` as a topic's options have
/// them.
[[nodiscard]] kafka::Properties config_of(const TopicOptions& options);

/// What the cluster keeps of a topic.
[[nodiscard]] Retention retention_of(const kafka::Client& client, const std::string& topic,
                                     std::int32_t partitions);
void set_retention(const kafka::Client& client, const std::string& topic, const TopicOptions& options);

}  // namespace eventbus::kafka_topics
