#include "eventbus/broker/memory/topic_log.hpp"

#include <algorithm>
#include <utility>

#include "eventbus/broker/partitioner.hpp"
#include "eventbus/event/error.hpp"

namespace eventbus::memory {

namespace {

constexpr std::int32_t most_partitions = 1024;

std::uint64_t start_offset(const PartitionLog& log, const StartAt& start) {
    if (std::holds_alternative<Latest>(start)) return log.end();
    if (const auto* at = std::get_if<AtTime>(&start)) return log.first_since(at->time);
    return log.begin();
}

}  // namespace

std::uint64_t PartitionLog::first_since(Timestamp time) const {
    const auto first =
        std::ranges::find_if(events_, [&](const StoredEventPtr& event) { return event->stored_at >= time; });
    return begin_ + static_cast<std::uint64_t>(first - events_.begin());
}

std::uint64_t PartitionLog::append(StoredEventPtr event) {
    events_.push_back(std::move(event));
    return end() - 1;
}

void PartitionLog::drop_oldest() {
    events_.pop_front();
    ++begin_;
}

TopicLog::TopicLog(TopicName name, const TopicOptions& options, std::uint64_t id)
    : name_(std::move(name)), id_(id), retention_(options.retention) {
    if (options.partitions < 1 || options.partitions > most_partitions)
        throw InvalidValue("topic " + name_.str() + " cannot have " + std::to_string(options.partitions) +
                           " partitions: give it 1 to " + std::to_string(most_partitions));
    partitions_.resize(static_cast<std::size_t>(options.partitions));
}

TopicInfo TopicLog::info() const {
    TopicInfo info{name_, {}, retention_, bytes_};
    for (std::int32_t i = 0; const PartitionLog& log : partitions_)
        info.partitions.push_back(
            {Partition{i++}, {log.begin(), 0}, {log.end(), 0}, log.end() - log.begin()});
    return info;
}

Position TopicLog::append(StoredEventPtr event) {
    const Partition partition = event->key
                                    ? partition_of(*event->key, partition_count())
                                    : Partition{static_cast<std::int32_t>(keyless_++ % partitions_.size())};
    const Timestamp stored_at = event->stored_at;
    const std::size_t size = event->payload.size();
    const std::uint64_t offset = partitions_[static_cast<std::size_t>(partition)].append(std::move(event));
    bytes_ += size;
    ++events_;
    apply_retention(stored_at);
    return {partition, {offset, 0}};
}

void TopicLog::drop_before(Partition partition, std::uint64_t offset) {
    const auto index = static_cast<std::int32_t>(partition);
    if (index < 0 || index >= partition_count())
        throw NotFound("topic " + name_.str() + " has no partition " + std::to_string(index));
    PartitionLog& log = partitions_[static_cast<std::size_t>(index)];
    while (!log.empty() && log.begin() < offset) drop_oldest(log);
}

void TopicLog::set_retention(const Retention& retention, Timestamp now) {
    retention_ = retention;
    apply_retention(now);
}

std::vector<std::optional<std::uint64_t>> TopicLog::resolve(const StartAt& start) const {
    std::vector<std::optional<std::uint64_t>> offsets(partitions_.size());
    if (const auto* after = std::get_if<AfterId>(&start)) {
        for (const Position& position : parse_positions(after->position, partition_count())) {
            const auto index = static_cast<std::size_t>(position.partition);
            const PartitionLog& log = partitions_[index];
            offsets[index] = std::clamp(position.offset.number + 1, log.begin(), log.end());
        }
        return offsets;
    }
    std::ranges::transform(partitions_, offsets.begin(),
                           [&](const PartitionLog& log) { return start_offset(log, start); });
    return offsets;
}

std::optional<Position> TopicLog::first_of(const std::vector<std::uint64_t>& offsets,
                                           const std::vector<std::uint64_t>& ends) const {
    std::optional<Position> first;
    Timestamp stored_at{};
    for (std::size_t i = 0; i < partitions_.size(); ++i) {
        const PartitionLog& log = partitions_[i];
        const std::uint64_t offset = std::max(offsets[i], log.begin());
        if (offset >= std::min(ends[i], log.end()) || (first && log.at(offset)->stored_at >= stored_at))
            continue;
        first = Position{Partition{static_cast<std::int32_t>(i)}, {offset, 0}};
        stored_at = log.at(offset)->stored_at;
    }
    return first;
}

void TopicLog::apply_retention(Timestamp now) {
    if (retention_.age) {
        for (PartitionLog& log : partitions_)
            while (!log.empty() && log.at(log.begin())->stored_at < now - *retention_.age) drop_oldest(log);
    }
    if (retention_.bytes) {
        while (bytes_ > *retention_.bytes && events_ > 1) drop_oldest(*oldest_partition());
    }
}

void TopicLog::drop_oldest(PartitionLog& partition) {
    bytes_ -= partition.at(partition.begin())->payload.size();
    --events_;
    partition.drop_oldest();
}

PartitionLog* TopicLog::oldest_partition() {
    PartitionLog* oldest = nullptr;
    for (PartitionLog& log : partitions_) {
        if (log.empty()) continue;
        if (oldest == nullptr || log.at(log.begin())->stored_at < oldest->at(oldest->begin())->stored_at)
            oldest = &log;
    }
    return oldest;
}

}  // namespace eventbus::memory
