#include "eventbus/broker/embedded/group_positions.hpp"

#include <optional>
#include <string_view>

namespace eventbus::embedded {

namespace {

// Times of storing grow with the offset, so the first event of a time is found by halving.
std::int64_t offset_at_time(Connection& connection, PartitionId partition, Timestamp time) {
    const PartitionState state = partition_state(connection, partition);
    Statement at = connection.prepare(
        "SELECT stored FROM events WHERE position >= ? AND position <= ? ORDER BY position LIMIT 1");
    std::int64_t low = state.first_offset;
    std::int64_t high = state.next_offset;
    while (low < high) {
        const std::int64_t middle = low + (high - low) / 2;
        at.with(row_of(partition, middle), row_of(partition, most_offset));
        const bool is_before = at.next() && at.integer(0) < stored_time(time);
        at.reset();
        if (is_before) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

// Not beyond the end: a position there would skip events that are still to come.
std::optional<std::int64_t> offset_after_id(Connection& connection, const AfterId& id, const Topic& topic,
                                            std::int32_t number) {
    for (const Position& position : parse_positions(id.position, topic.partitions)) {
        if (position.partition != Partition{number}) continue;
        const auto end =
            static_cast<std::uint64_t>(partition_state(connection, topic.partition(number)).next_offset);
        return static_cast<std::int64_t>(position.offset.number < end ? position.offset.number + 1 : end);
    }
    return std::nullopt;
}

}  // namespace

GroupPosition group_position(Connection& connection, const std::string& group, PartitionId partition) {
    Statement statement = connection.prepare(
        "SELECT next_offset, owner, epoch FROM positions WHERE consumer_group = ? AND partition = ?");
    if (!statement.with(std::string_view(group), static_cast<std::int64_t>(partition)).next()) return {};
    return {true, statement.integer(0), statement.integer(1), statement.integer(2)};
}

std::int64_t start_offset(Connection& connection, const Topic& topic, std::int32_t number,
                          const StartAt& start, std::int64_t otherwise) {
    const PartitionId partition = topic.partition(number);
    if (std::holds_alternative<Earliest>(start)) return partition_state(connection, partition).first_offset;
    if (std::holds_alternative<Latest>(start)) return partition_state(connection, partition).next_offset;
    if (const auto* at = std::get_if<AtTime>(&start)) return offset_at_time(connection, partition, at->time);
    return offset_after_id(connection, std::get<AfterId>(start), topic, number).value_or(otherwise);
}

void enter(Connection& connection, const std::string& group, const Topic& topic, const StartAt& start) {
    Statement insert =
        connection.prepare("INSERT INTO positions(consumer_group, partition, next_offset) VALUES(?, ?, ?)");
    for (std::int32_t number = 0; number < topic.partitions; ++number) {
        const PartitionId partition = topic.partition(number);
        if (group_position(connection, group, partition).exists) continue;
        const std::int64_t first = partition_state(connection, partition).first_offset;
        const std::int64_t offset = start_offset(connection, topic, number, start, first);
        insert.with(std::string_view(group), static_cast<std::int64_t>(partition), offset).run();
    }
}

void move(Connection& connection, const std::string& group, const Topic& topic, const StartAt& to) {
    enter(connection, group, topic, Earliest{});
    Statement update = connection.prepare(
        "UPDATE positions SET next_offset = ?, epoch = epoch + 1 WHERE consumer_group = ? AND partition = ?");
    for (std::int32_t number = 0; number < topic.partitions; ++number) {
        const PartitionId partition = topic.partition(number);
        const std::int64_t now = group_position(connection, group, partition).next_offset;
        const std::int64_t offset = start_offset(connection, topic, number, to, now);
        update.with(offset, std::string_view(group), static_cast<std::int64_t>(partition)).run();
    }
}

}  // namespace eventbus::embedded
