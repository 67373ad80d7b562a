#pragma once

#include <string>

#include "eventbus/kafka/admin_call.hpp"
#include "eventbus/kafka/group_client.hpp"
#include "eventbus/kafka/partitions.hpp"

namespace eventbus::kafka_topics {

// Positions of groups. All throw BrokerError.

/// The positions that a group has committed on these partitions: an offset below 0 where it has none.
[[nodiscard]] kafka::Partitions committed_by(kafka::GroupClient& groups, const std::string& group,
                                             const kafka::Partitions& partitions);
/// The same of the group that this client is in: it always asks the right broker.
[[nodiscard]] kafka::Partitions committed_by_own_group(const kafka::Client& member,
                                                       const kafka::Partitions& partitions);
/// The question alone; its answer comes on the call's queue.
void ask_for_offsets(const kafka::AdminCall& call, const kafka::Client& client, const std::string& group,
                     const kafka::Partitions& partitions);
[[nodiscard]] kafka::Partitions read_offsets(const kafka::Event& answer, const std::string& group);

/// Sets positions of a group that has no members; false, and nothing is set, when it has.
[[nodiscard]] bool set_positions(kafka::GroupClient& groups, const std::string& group,
                                 const kafka::Partitions& partitions);

/// The group has no positions on these partitions any more, where it had any.
void forget_positions(kafka::GroupClient& groups, const std::string& group,
                      const kafka::Partitions& partitions);

}  // namespace eventbus::kafka_topics
