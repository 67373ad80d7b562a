#include "eventbus/broker/embedded/group_positions.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

namespace eventbus::embedded {

namespace {

// Times of storing grow with the offset, so the first event of a time is found by halving.
std::int64_t offset_at_time(Connection& connection, const Topic& topic, Timestamp time) {
    Statement at = connection.prepare("SELECT stored FROM " + events_table(topic.id) +
                                      " WHERE offset >= ? ORDER BY offset LIMIT 1");
    std::int64_t low = topic.first_offset;
    std::int64_t high = topic.next_offset;
    while (low < high) {
        const std::int64_t middle = low + (high - low) / 2;
        const bool is_before = at.with(middle).next() && at.integer(0) < stored_time(time);
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
std::int64_t offset_after(const Topic& topic, Offset offset) {
    const auto end = static_cast<std::uint64_t>(topic.next_offset);
    return static_cast<std::int64_t>(offset.number < end ? offset.number + 1 : end);
}

/// Where each partition starts; nothing for those that an AfterId leaves out.
using Starts = std::vector<std::optional<std::int64_t>>;

// An offset alone is that of the topic, and so of every partition.
Starts starts_after(const AfterId& id, const Topic& topic) {
    Starts starts(static_cast<std::size_t>(topic.partitions));
    if (id.position.find(':') == std::string::npos) {
        const Position position = parse_positions(id.position, 1).front();
        std::fill(starts.begin(), starts.end(), offset_after(topic, position.offset));
        return starts;
    }
    for (const Position& position : parse_positions(id.position, topic.partitions))
        starts[static_cast<std::size_t>(position.partition)] = offset_after(topic, position.offset);
    return starts;
}

Starts starts_of(Connection& connection, const Topic& topic, const StartAt& start) {
    if (const auto* id = std::get_if<AfterId>(&start)) return starts_after(*id, topic);
    std::int64_t offset = topic.first_offset;
    if (std::holds_alternative<Latest>(start)) offset = topic.next_offset;
    if (const auto* at = std::get_if<AtTime>(&start)) offset = offset_at_time(connection, topic, at->time);
    return Starts(static_cast<std::size_t>(topic.partitions), offset);
}

}  // namespace

std::vector<GroupPosition> group_positions(Connection& connection, const std::string& group,
                                           const Topic& topic) {
    std::vector<GroupPosition> positions(static_cast<std::size_t>(topic.partitions));
    Statement statement = connection.prepare(
        "SELECT partition, next_offset, owner, epoch FROM positions WHERE consumer_group = ? AND topic = ?");
    statement.with(std::string_view(group), topic.id);
    while (statement.next()) {
        const std::int64_t partition = statement.integer(0);
        if (partition < 0 || partition >= topic.partitions || statement.integer(1) < 0)
            connection.refuse_damage("a group has a position that cannot be");
        positions[static_cast<std::size_t>(partition)] = {true, statement.integer(1), statement.integer(2),
                                                          statement.integer(3)};
    }
    return positions;
}

void enter(Connection& connection, const std::string& group, const Topic& topic, const StartAt& start) {
    const auto known = group_positions(connection, group, topic);
    if (std::all_of(known.begin(), known.end(), [](const GroupPosition& p) { return p.exists; })) return;
    const Starts starts = starts_of(connection, topic, start);
    Statement insert = connection.prepare(
        "INSERT INTO positions(consumer_group, topic, partition, next_offset) VALUES(?, ?, ?, ?)");
    for (std::size_t i = 0; i < known.size(); ++i)
        if (!known[i].exists)
            insert
                .with(std::string_view(group), topic.id, static_cast<std::int64_t>(i),
                      starts[i].value_or(topic.first_offset))
                .run();
}

void move(Connection& connection, const std::string& group, const Topic& topic, const StartAt& to) {
    const Starts starts = starts_of(connection, topic, to);
    enter(connection, group, topic, Earliest{});
    Statement update = connection.prepare(
        "UPDATE positions SET next_offset = ?, epoch = epoch + 1 WHERE consumer_group = ? AND topic = ? AND "
        "partition = ?");
    for (std::size_t i = 0; i < starts.size(); ++i)
        if (starts[i])
            update.with(*starts[i], std::string_view(group), topic.id, static_cast<std::int64_t>(i)).run();
}

}  // namespace eventbus::embedded
