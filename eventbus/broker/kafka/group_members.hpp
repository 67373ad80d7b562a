#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "eventbus/kafka/group_client.hpp"

namespace eventbus::kafka_topics {

/// The `client.id` of a member of this library, by which others know it: `eventbus`, or `eventbus:NAME`.
[[nodiscard]] std::string client_id_of(const std::string& member);

struct GroupMember {
    /// Its name, or else its `client.id`.
    std::string name;
    /// It is of this library.
    bool is_ours = false;
    /// Topics and partitions that it owns.
    std::vector<std::pair<std::string, std::int32_t>> owns;
};

/// Who is in a group. Throws BrokerError.
[[nodiscard]] std::vector<GroupMember> members_of(kafka::GroupClient& groups, const std::string& group);

}  // namespace eventbus::kafka_topics
