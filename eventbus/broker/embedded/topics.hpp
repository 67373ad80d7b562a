#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "eventbus/broker/admin.hpp"
#include "eventbus/broker/embedded/row.hpp"
#include "eventbus/broker/embedded/sqlite.hpp"

namespace eventbus::embedded {

/// A topic's partitions are a run of ids: partition n is `first + n`.
struct Topic {
    std::int64_t id = 0;
    std::int32_t partitions = 0;
    PartitionId first{};
    Retention retention;

    [[nodiscard]] PartitionId partition(std::int32_t number) const {
        return PartitionId{static_cast<std::int64_t>(first) + number};
    }
};

/// Nothing when there is no such topic.
[[nodiscard]] std::optional<Topic> find_topic(Connection& connection, const std::string& name);

/// Makes a topic; within a write transaction.
Topic make_topic(Connection& connection, const std::string& name, const TopicOptions& options);

/// All names, in order.
[[nodiscard]] std::vector<std::string> topic_names(Connection& connection);

/// What is stored of a partition.
struct PartitionState {
    std::int64_t first_offset = 0;
    std::int64_t next_offset = 0;
    std::int64_t last_stored = 0;
    std::int64_t bytes = 0;
};
[[nodiscard]] PartitionState partition_state(Connection& connection, PartitionId partition);

}  // namespace eventbus::embedded
