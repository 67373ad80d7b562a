#include "eventbus/broker/embedded/retention.hpp"

namespace eventbus::embedded {

namespace {

constexpr std::int64_t most_at_once = 500;

class Remover {
  public:
    explicit Remover(Connection& connection)
        : connection_(connection),
          oldest_(
              connection.prepare("SELECT position, stored FROM events WHERE position >= ? AND position <= ? "
                                 "ORDER BY position LIMIT 1")),
          expired_(connection.prepare(
              "SELECT position, length(payload) FROM events WHERE position >= ? AND position <= ? "
              "AND stored < ? ORDER BY position LIMIT ?")),
          remove_(connection.prepare("DELETE FROM events WHERE position >= ? AND position <= ?")),
          update_(
              connection.prepare("UPDATE partitions SET first_offset = ?, bytes = bytes - ? WHERE id = ?")) {}

    // Removes up to `most` of a partition's events that were stored before a time.
    std::int64_t remove(PartitionId partition, std::int64_t before, std::int64_t most, std::int64_t& bytes) {
        std::int64_t count = 0;
        std::int64_t last = 0;
        std::int64_t removed_bytes = 0;
        expired_.with(row_of(partition, 0), row_of(partition, most_offset), before, most);
        for (; expired_.next(); ++count) {
            last = expired_.integer(0);
            removed_bytes += expired_.integer(1);
        }
        expired_.reset();
        if (count == 0) return 0;
        remove_.with(row_of(partition, 0), last).run();
        update_.with(offset_of(last) + 1, removed_bytes, static_cast<std::int64_t>(partition)).run();
        bytes += removed_bytes;
        return count;
    }

    // The partition whose oldest event is the oldest of all.
    bool find_oldest(const Topic& topic, PartitionId& found) {
        std::int64_t least = INT64_MAX;
        for (std::int32_t number = 0; number < topic.partitions; ++number) {
            const PartitionId id = topic.partition(number);
            if (oldest_.with(row_of(id, 0), row_of(id, most_offset)).next() && oldest_.integer(1) < least) {
                least = oldest_.integer(1);
                found = id;
            }
            oldest_.reset();
        }
        return least != INT64_MAX;
    }

  private:
    Connection& connection_;
    Statement oldest_;
    Statement expired_;
    Statement remove_;
    Statement update_;
};

std::int64_t bytes_of(Connection& connection, const Topic& topic) {
    Statement sum = connection.prepare("SELECT sum(bytes) FROM partitions WHERE topic = ?");
    return sum.with(topic.id).next() ? sum.integer(0) : 0;
}

bool has_older_than(Connection& connection, const Topic& topic, std::int64_t before) {
    Statement oldest = connection.prepare(
        "SELECT stored FROM events WHERE position >= ? AND position <= ? ORDER BY position LIMIT 1");
    for (std::int32_t number = 0; number < topic.partitions; ++number) {
        const PartitionId id = topic.partition(number);
        if (oldest.with(row_of(id, 0), row_of(id, most_offset)).next() && oldest.integer(0) < before)
            return true;
        oldest.reset();
    }
    return false;
}

}  // namespace

std::int64_t remove_expired(Connection& connection, const Topic& topic, Timestamp now) {
    const std::int64_t before = topic.retention.age ? stored_time(now - *topic.retention.age) : INT64_MIN;
    const std::int64_t most_bytes =
        topic.retention.bytes ? static_cast<std::int64_t>(*topic.retention.bytes) : INT64_MAX;
    const bool is_too_old = topic.retention.age && has_older_than(connection, topic, before);
    if (!is_too_old && bytes_of(connection, topic) <= most_bytes) return 0;

    Transaction transaction(connection);
    Remover remover(connection);
    std::int64_t removed = 0;
    std::int64_t removed_bytes = 0;
    for (std::int32_t number = 0; number < topic.partitions && removed < most_at_once; ++number)
        removed += remover.remove(topic.partition(number), before, most_at_once - removed, removed_bytes);
    std::int64_t left = bytes_of(connection, topic);
    for (PartitionId oldest{};
         left > most_bytes && removed < most_at_once && remover.find_oldest(topic, oldest);) {
        removed_bytes = 0;
        removed += remover.remove(oldest, INT64_MAX, 1, removed_bytes);
        left -= removed_bytes;
    }
    transaction.commit();
    return removed;
}

}  // namespace eventbus::embedded
