#include "eventbus/broker/embedded/topics.hpp"

#include <algorithm>
#include <string_view>

#include "eventbus/event/error.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus::embedded {

std::string events_table(std::int64_t topic) { return "events_" + std::to_string(topic); }

std::optional<Topic> find_topic(Connection& connection, const std::string& name) {
    Statement statement = connection.prepare(
        "SELECT id, partitions, retention_seconds, retention_bytes, first_offset, next_offset, last_stored, "
        "bytes "
        "FROM topics WHERE name = ?");
    if (!statement.with(std::string_view(name)).next()) return std::nullopt;
    Topic topic;
    topic.id = statement.integer(0);
    topic.partitions = static_cast<std::int32_t>(statement.integer(1));
    if (!statement.is_null(2)) topic.retention.age = std::chrono::seconds(statement.integer(2));
    if (!statement.is_null(3)) topic.retention.bytes = static_cast<std::uint64_t>(statement.integer(3));
    topic.first_offset = statement.integer(4);
    topic.next_offset = statement.integer(5);
    topic.last_stored = statement.integer(6);
    topic.bytes = statement.integer(7);
    if (statement.integer(1) < 1 || statement.integer(1) > most_partitions || topic.first_offset < 0 ||
        topic.next_offset < topic.first_offset)
        connection.refuse_damage("the topic " + quote(name) + " cannot be as it is stored");
    return topic;
}

Topic make_topic(Connection& connection, const std::string& name, const TopicOptions& options) {
    if (options.partitions < 1 || options.partitions > most_partitions)
        throw InvalidValue("the topic " + quote(name) + " cannot have " + std::to_string(options.partitions) +
                           " partitions: give it 1 to " + std::to_string(most_partitions));
    connection.prepare("INSERT INTO topics(name, partitions) VALUES(?, ?)")
        .with(std::string_view(name), std::int64_t{options.partitions})
        .run();
    Topic topic;
    topic.id = connection.last_row_id();
    topic.partitions = options.partitions;
    topic.retention = options.retention;
    set_retention(connection, topic.id, options.retention);
    connection.execute(
        "CREATE TABLE " + events_table(topic.id) +
        "(offset INTEGER PRIMARY KEY, partition INTEGER NOT NULL, id BLOB NOT NULL, "
        "kind INTEGER NOT NULL, origin INTEGER NOT NULL, time INTEGER NOT NULL, stored INTEGER NOT NULL, "
        "key TEXT, headers BLOB, payload BLOB NOT NULL)");
    return topic;
}

void set_retention(Connection& connection, std::int64_t topic, const Retention& retention) {
    Statement update =
        connection.prepare("UPDATE topics SET retention_seconds = ?, retention_bytes = ? WHERE id = ?");
    update.with(nullptr, nullptr, topic);
    if (retention.age) update.bind(1, std::int64_t{retention.age->count()});
    if (retention.bytes) update.bind(2, static_cast<std::int64_t>(*retention.bytes));
    update.run();
}

void delete_topic(Connection& connection, std::int64_t topic) {
    connection.execute("DROP TABLE " + events_table(topic));
    connection.prepare("DELETE FROM positions WHERE topic = ?").with(topic).run();
    connection.prepare("DELETE FROM topics WHERE id = ?").with(topic).run();
}

std::vector<std::string> topic_names(Connection& connection) {
    Statement statement = connection.prepare("SELECT name FROM topics ORDER BY name");
    std::vector<std::string> names;
    while (statement.next()) names.emplace_back(statement.text(0));
    return names;
}

void note_removal(Connection& connection, std::int64_t topic, std::int64_t bytes) {
    connection
        .prepare("UPDATE topics SET bytes = bytes - ?, first_offset = coalesce((SELECT min(offset) FROM " +
                 events_table(topic) + "), next_offset) WHERE id = ?")
        .with(bytes, topic)
        .run();
}

std::vector<PartitionContent> content_by_partition(Connection& connection, const Topic& topic,
                                                   const std::vector<std::int64_t>& from,
                                                   const std::vector<std::int64_t>& to) {
    const NoFork no_fork;
    std::vector<PartitionContent> contents(from.size(), {0, topic.next_offset});
    Statement statement = connection.prepare("SELECT offset, partition FROM " + events_table(topic.id) +
                                             " WHERE offset >= ? AND offset < ?");
    statement.with(*std::min_element(from.begin(), from.end()),
                   to.empty() ? INT64_MAX : *std::max_element(to.begin(), to.end()));
    while (statement.next()) {
        const std::int64_t offset = statement.integer(0);
        const std::int64_t partition = statement.integer(1);
        if (partition < 0 || partition >= topic.partitions)
            connection.refuse_damage("an event has the partition " + std::to_string(partition));
        const auto index = static_cast<std::size_t>(partition);
        if (offset < from[index] || (!to.empty() && offset >= to[index])) continue;
        if (contents[index].events++ == 0) contents[index].first = offset;
    }
    return contents;
}

}  // namespace eventbus::embedded
