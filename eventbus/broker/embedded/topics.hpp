#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "eventbus/broker/admin.hpp"
#include "eventbus/broker/embedded/sqlite.hpp"

namespace eventbus::embedded {

/// A topic is one table of events in the order of storing, whatever their partition: writing is appending. An
/// event's offset is its row in that table, so offsets count the topic's events, and those of a partition
/// have gaps.
struct Topic {
    std::int64_t id = 0;
    std::int32_t partitions = 0;
    Retention retention;
    std::int64_t first_offset = 0;
    std::int64_t next_offset = 0;
    /// Time of storing of the newest event; times of storing never go back.
    std::int64_t last_stored = 0;
    /// Sum of the payloads.
    std::int64_t bytes = 0;
};

/// More would cost memory in every process without making anything faster.
inline constexpr std::int32_t most_partitions = 1024;

/// A time as it is stored: microseconds since 1970.
[[nodiscard]] inline std::int64_t stored_time(Timestamp time) { return time.time_since_epoch().count(); }

/// Name of the table with a topic's events.
[[nodiscard]] std::string events_table(std::int64_t topic);

/// Nothing when there is no such topic.
[[nodiscard]] std::optional<Topic> find_topic(Connection& connection, const std::string& name);

/// Makes a topic; within a write transaction. Throws InvalidValue for a wrong number of partitions.
Topic make_topic(Connection& connection, const std::string& name, const TopicOptions& options);

/// Changes what a topic keeps; within a write transaction.
void set_retention(Connection& connection, std::int64_t topic, const Retention& retention);

/// Removes a topic, its events and the groups' positions on it; within a write transaction.
void delete_topic(Connection& connection, std::int64_t topic);

/// All names, in order.
[[nodiscard]] std::vector<std::string> topic_names(Connection& connection);

/// Takes note that events with so many bytes of payload were removed; within the write transaction that
/// removed them. The topic's first offset becomes that of the oldest event left, or the next one when none
/// is.
void note_removal(Connection& connection, std::int64_t topic, std::int64_t bytes);

/// Stands for a partition whose events are not to be counted.
inline constexpr std::int64_t not_counted = INT64_MAX;

/// What a partition holds from some offset on.
struct PartitionContent {
    std::uint64_t events = 0;
    /// Offset of the oldest; the topic's next offset when there is none.
    std::int64_t first = 0;
};

/// What each partition holds from its offset in `from` on, and before its offset in `to` where that is not
/// empty: reads all from the lowest to the highest of them.
[[nodiscard]] std::vector<PartitionContent> content_by_partition(Connection& connection, const Topic& topic,
                                                                 const std::vector<std::int64_t>& from,
                                                                 const std::vector<std::int64_t>& to = {});

}  // namespace eventbus::embedded
