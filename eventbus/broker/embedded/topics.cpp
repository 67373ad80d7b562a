#include "eventbus/broker/embedded/topics.hpp"

#include "eventbus/event/error.hpp"

namespace eventbus::embedded {

std::optional<Topic> find_topic(Connection& connection, const std::string& name) {
    Statement statement = connection.prepare(
        "SELECT t.id, t.partitions, t.retention_seconds, t.retention_bytes, p.id FROM topics t "
        "JOIN partitions p ON p.topic = t.id AND p.number = 0 WHERE t.name = ?");
    if (!statement.with(std::string_view(name)).next()) return std::nullopt;
    Topic topic;
    topic.id = statement.integer(0);
    topic.partitions = static_cast<std::int32_t>(statement.integer(1));
    if (!statement.is_null(2)) topic.retention.age = std::chrono::seconds(statement.integer(2));
    if (!statement.is_null(3)) topic.retention.bytes = static_cast<std::uint64_t>(statement.integer(3));
    topic.first = PartitionId{statement.integer(4)};
    return topic;
}

Topic make_topic(Connection& connection, const std::string& name, const TopicOptions& options) {
    Statement insert = connection.prepare(
        "INSERT INTO topics(name, partitions, retention_seconds, retention_bytes) VALUES(?, ?, ?, ?)");
    insert.with(std::string_view(name), std::int64_t{options.partitions});
    if (options.retention.age) {
        insert.bind(3, std::int64_t{options.retention.age->count()});
    } else {
        insert.bind(3, nullptr);
    }
    if (options.retention.bytes) {
        insert.bind(4, static_cast<std::int64_t>(*options.retention.bytes));
    } else {
        insert.bind(4, nullptr);
    }
    insert.run();
    Topic topic{connection.last_row_id(), options.partitions, PartitionId{}, options.retention};
    Statement partition = connection.prepare("INSERT INTO partitions(topic, number) VALUES(?, ?)");
    for (std::int64_t number = 0; number < options.partitions; ++number) {
        partition.with(topic.id, number).run();
        if (number == 0) topic.first = PartitionId{connection.last_row_id()};
    }
    return topic;
}

std::vector<std::string> topic_names(Connection& connection) {
    Statement statement = connection.prepare("SELECT name FROM topics ORDER BY name");
    std::vector<std::string> names;
    while (statement.next()) names.emplace_back(statement.text(0));
    return names;
}

PartitionState partition_state(Connection& connection, PartitionId partition) {
    Statement statement = connection.prepare(
        "SELECT first_offset, next_offset, last_stored, bytes FROM partitions WHERE id = ?");
    if (!statement.with(static_cast<std::int64_t>(partition)).next()) return {};
    return {statement.integer(0), statement.integer(1), statement.integer(2), statement.integer(3)};
}

}  // namespace eventbus::embedded
