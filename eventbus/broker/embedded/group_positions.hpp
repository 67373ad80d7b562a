#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "eventbus/broker/embedded/sqlite.hpp"
#include "eventbus/broker/embedded/topics.hpp"
#include "eventbus/broker/subscription.hpp"

namespace eventbus::embedded {

/// Where a group is on a partition.
struct GroupPosition {
    /// False when the group has not been on the topic yet.
    bool exists = false;
    /// The next offset that is not finished.
    std::int64_t next_offset = 0;
    /// Member that owns the partition; 0 for none.
    std::int64_t owner = 0;
    /// Counts how often the group was moved: a member that sees another number has lost its place.
    std::int64_t epoch = 0;
};

/// One for each partition of the topic.
[[nodiscard]] std::vector<GroupPosition> group_positions(Connection& connection, const std::string& group,
                                                         const Topic& topic);

/// Gives the group a position on every partition of the topic where it has none. Throws InvalidValue for an
/// id that does not fit the topic. Within a write transaction.
void enter(Connection& connection, const std::string& group, const Topic& topic, const StartAt& start);

/// Moves the group on every partition of the topic, or on those that an AfterId names. Throws as `enter`.
/// Within a write transaction.
void move(Connection& connection, const std::string& group, const Topic& topic, const StartAt& to);

}  // namespace eventbus::embedded
