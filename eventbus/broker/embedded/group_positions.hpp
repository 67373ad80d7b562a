#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "eventbus/broker/embedded/sqlite.hpp"
#include "eventbus/broker/embedded/topics.hpp"
#include "eventbus/broker/subscription.hpp"

namespace eventbus::embedded {

/// The row of a group and a partition.
struct GroupPosition {
    bool exists = false;
    std::int64_t next_offset = 0;
    /// Member that owns the partition; 0 for none.
    std::int64_t owner = 0;
    /// Counts how often the group was moved: a member that sees another number has lost its place.
    std::int64_t epoch = 0;
};

[[nodiscard]] GroupPosition group_position(Connection& connection, const std::string& group,
                                           PartitionId partition);

/// The offset where a partition of a topic is entered. Throws InvalidValue for an id that does not fit the
/// topic. For AfterId that names other partitions only, `otherwise`.
[[nodiscard]] std::int64_t start_offset(Connection& connection, const Topic& topic, std::int32_t number,
                                        const StartAt& start, std::int64_t otherwise);

/// Gives the group a position on every partition of the topic where it has none. Within a write transaction.
void enter(Connection& connection, const std::string& group, const Topic& topic, const StartAt& start);

/// Moves the group on every partition of the topic, or on those that an AfterId names. Within a write
/// transaction.
void move(Connection& connection, const std::string& group, const Topic& topic, const StartAt& to);

}  // namespace eventbus::embedded
