#include "eventbus/broker/embedded/start_offsets.hpp"

#include <algorithm>
#include <string>

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

// An offset alone is that of the topic, and so of every partition.
StartOffsets starts_after(const AfterId& id, const Topic& topic) {
    StartOffsets starts(static_cast<std::size_t>(topic.partitions));
    if (id.position.find(':') == std::string::npos) {
        const Position position = parse_positions(id.position, 1).front();
        std::fill(starts.begin(), starts.end(), offset_after(topic, position.offset));
        return starts;
    }
    for (const Position& position : parse_positions(id.position, topic.partitions))
        starts[static_cast<std::size_t>(position.partition)] = offset_after(topic, position.offset);
    return starts;
}

}  // namespace

StartOffsets start_offsets(Connection& connection, const Topic& topic, const StartAt& start) {
    if (const auto* id = std::get_if<AfterId>(&start)) return starts_after(*id, topic);
    std::int64_t offset = topic.first_offset;
    if (std::holds_alternative<Latest>(start)) offset = topic.next_offset;
    if (const auto* at = std::get_if<AtTime>(&start)) offset = offset_at_time(connection, topic, at->time);
    return StartOffsets(static_cast<std::size_t>(topic.partitions), offset);
}

}  // namespace eventbus::embedded
