#pragma once

#include <cstdint>

#include "eventbus/broker/admin.hpp"

namespace eventbus::app {

/// Events that a group has not acknowledged, over all partitions.
inline std::uint64_t lag_of(const GroupInfo& group) {
    std::uint64_t lag = 0;
    for (const auto& partition : group.partitions) lag += partition.lag;
    return lag;
}

/// Events that a topic has, over all partitions.
inline std::uint64_t events_of(const TopicInfo& topic) {
    std::uint64_t events = 0;
    for (const PartitionInfo& partition : topic.partitions) events += partition.events;
    return events;
}

}  // namespace eventbus::app
