#pragma once

#include <string>

#include "eventbus/kafka/client.hpp"
#include "eventbus/kafka/partitions.hpp"

namespace eventbus::kafka_topics {

// Positions of any group, from any client. All throw BrokerError.

/// The positions that a group has committed on these partitions: an offset below 0 where it has none.
[[nodiscard]] kafka::Partitions committed_by(const kafka::Client& client, const std::string& group,
                                             const kafka::Partitions& partitions);

/// Sets positions of a group that has no members; false, and nothing is set, when it has.
[[nodiscard]] bool set_positions(const kafka::Client& client, const std::string& group,
                                 const kafka::Partitions& partitions);

/// The group has no positions on these partitions any more, where it had any.
void forget_positions(const kafka::Client& client, const std::string& group,
                      const kafka::Partitions& partitions);

}  // namespace eventbus::kafka_topics
