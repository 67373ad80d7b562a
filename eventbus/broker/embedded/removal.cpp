#include "eventbus/broker/embedded/removal.hpp"

namespace eventbus::embedded {

namespace {

constexpr std::int64_t most_rows_of_a_step = 5000;

/// Some rows of a topic, of all its partitions, and what of them belongs to one.
struct Step {
    std::int64_t rows = 0;
    std::int64_t end = 0;
    std::int64_t bytes = 0;
};

Step look_at(Connection& connection, const Topic& topic, std::int32_t partition, std::int64_t from,
             std::int64_t before) {
    Statement row =
        connection.prepare("SELECT offset, partition, length(payload) FROM " + events_table(topic.id) +
                           " WHERE offset >= ? AND offset < ? ORDER BY offset LIMIT ?");
    row.with(from, before, most_rows_of_a_step);
    Step step{.end = from};
    while (row.next()) {
        ++step.rows;
        step.end = row.integer(0) + 1;
        if (row.integer(1) == partition) step.bytes += row.integer(2);
    }
    return step;
}

}  // namespace

void remove_before(Connection& connection, const std::string& name, const Topic& topic,
                   std::int32_t partition, std::int64_t before) {
    for (std::int64_t from = 0; from < before;) {
        Transaction transaction(connection);
        const auto still = find_topic(connection, name);
        if (!still || still->id != topic.id) return;
        const Step step = look_at(connection, topic, partition, from, before);
        if (step.rows == 0) return;
        connection
            .prepare("DELETE FROM " + events_table(topic.id) +
                     " WHERE offset >= ? AND offset < ? AND partition = ?")
            .with(from, step.end, std::int64_t{partition})
            .run();
        if (connection.changes() > 0) note_removal(connection, topic.id, step.bytes);
        transaction.commit();
        from = step.end;
    }
}

}  // namespace eventbus::embedded
