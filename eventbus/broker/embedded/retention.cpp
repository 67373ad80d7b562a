#include "eventbus/broker/embedded/retention.hpp"

namespace eventbus::embedded {

namespace {

constexpr std::int64_t most_at_once = 500;

}  // namespace

std::int64_t remove_expired(Connection& connection, const Topic& topic, Timestamp now) {
    const std::int64_t before = topic.retention.age ? stored_time(now - *topic.retention.age) : INT64_MIN;
    const std::int64_t most_bytes =
        topic.retention.bytes ? static_cast<std::int64_t>(*topic.retention.bytes) : INT64_MAX;
    const std::string table = events_table(topic.id);
    Statement oldest = connection.prepare("SELECT offset, stored, length(payload) FROM " + table +
                                          " ORDER BY offset LIMIT ?");

    std::int64_t count = 0;
    std::int64_t last = 0;
    std::int64_t bytes = 0;
    oldest.with(most_at_once);
    while (oldest.next()) {
        if (oldest.integer(1) >= before && topic.bytes - bytes <= most_bytes) break;
        last = oldest.integer(0);
        bytes += oldest.integer(2);
        ++count;
    }
    oldest.reset();
    if (count == 0) return 0;

    Transaction transaction(connection);
    connection.prepare("DELETE FROM " + table + " WHERE offset <= ?").with(last).run();
    // Another process may have removed the same ones since they were read.
    const std::int64_t removed = connection.changes();
    if (removed == count) {
        connection.prepare("UPDATE topics SET first_offset = ?, bytes = bytes - ? WHERE id = ?")
            .with(last + 1, bytes, topic.id)
            .run();
        transaction.commit();
    }
    return removed;
}

}  // namespace eventbus::embedded
