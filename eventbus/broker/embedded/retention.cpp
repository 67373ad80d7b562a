#include "eventbus/broker/embedded/retention.hpp"

#include "eventbus/broker/embedded/topics.hpp"

namespace eventbus::embedded {

namespace {

constexpr std::int64_t most_events_at_once = 5000;
constexpr std::int64_t most_bytes_at_once = std::int64_t{64} << 20;
constexpr int most_rounds = 4;

/// The oldest events of a topic, that are to go.
struct Expired {
    std::int64_t events = 0;
    std::int64_t bytes = 0;
    std::int64_t last_offset = 0;
};

Expired find_expired(Connection& connection, const Topic& topic, Timestamp now) {
    const std::int64_t before = topic.retention.age ? stored_time(now - *topic.retention.age) : INT64_MIN;
    const std::int64_t most_bytes =
        topic.retention.bytes ? static_cast<std::int64_t>(*topic.retention.bytes) : INT64_MAX;
    Statement oldest = connection.prepare("SELECT offset, stored, length(payload) FROM " +
                                          events_table(topic.id) + " ORDER BY offset LIMIT ?");
    oldest.with(most_events_at_once);
    Expired expired;
    while (expired.bytes < most_bytes_at_once && oldest.next()) {
        const bool is_newest = oldest.integer(0) >= topic.next_offset - 1;
        const bool is_over = !is_newest && topic.bytes - expired.bytes > most_bytes;
        if (oldest.integer(1) >= before && !is_over) break;
        expired.last_offset = oldest.integer(0);
        expired.bytes += oldest.integer(2);
        ++expired.events;
    }
    return expired;
}

/// Returns whether there may be more to remove.
bool remove_some(Connection& connection, const std::string& name, Timestamp now) {
    const auto topic = find_topic(connection, name);
    if (!topic) return false;
    const Expired expired = find_expired(connection, *topic, now);
    if (expired.events == 0) return false;
    Transaction transaction(connection);
    // The topic may have been deleted, or some of these events removed, by another process since they were
    // read.
    const auto still = find_topic(connection, name);
    if (!still || still->id != topic->id) return true;
    connection.prepare("DELETE FROM " + events_table(topic->id) + " WHERE offset <= ?")
        .with(expired.last_offset)
        .run();
    if (connection.changes() != expired.events) return true;
    note_removal(connection, topic->id, expired.bytes);
    transaction.commit();
    return true;
}

std::vector<std::string> topics_that_forget(Connection& connection) {
    Statement statement = connection.prepare(
        "SELECT name FROM topics WHERE retention_seconds IS NOT NULL OR retention_bytes IS NOT NULL");
    std::vector<std::string> names;
    while (statement.next()) names.emplace_back(statement.text(0));
    return names;
}

}  // namespace

bool remove_expired(Connection& connection, Timestamp now) {
    int rounds = 0;
    for (const std::string& name : topics_that_forget(connection))
        while (remove_some(connection, name, now))
            if (++rounds == most_rounds) return false;
    return true;
}

}  // namespace eventbus::embedded
