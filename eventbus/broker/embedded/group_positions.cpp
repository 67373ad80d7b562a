#include "eventbus/broker/embedded/group_positions.hpp"

#include <algorithm>
#include <string_view>

#include "eventbus/broker/embedded/start_offsets.hpp"

namespace eventbus::embedded {

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
    const StartOffsets starts = start_offsets(connection, topic, start);
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
    const StartOffsets starts = start_offsets(connection, topic, to);
    enter(connection, group, topic, Earliest{});
    Statement update = connection.prepare(
        "UPDATE positions SET next_offset = ?, epoch = epoch + 1 WHERE consumer_group = ? AND topic = ? AND "
        "partition = ?");
    for (std::size_t i = 0; i < starts.size(); ++i)
        if (starts[i])
            update.with(*starts[i], std::string_view(group), topic.id, static_cast<std::int64_t>(i)).run();
}

}  // namespace eventbus::embedded
