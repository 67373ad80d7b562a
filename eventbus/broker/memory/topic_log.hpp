#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "eventbus/broker/admin.hpp"
#include "eventbus/broker/memory/stored_event.hpp"

namespace eventbus::memory {

/// The events of one partition, numbered from 0; the oldest may be gone. Not thread-safe.
class PartitionLog {
  public:
    [[nodiscard]] std::uint64_t begin() const { return begin_; }
    [[nodiscard]] std::uint64_t end() const { return begin_ + events_.size(); }
    [[nodiscard]] bool empty() const { return events_.empty(); }
    /// `offset` must be in [begin, end).
    [[nodiscard]] const StoredEventPtr& at(std::uint64_t offset) const { return events_[offset - begin_]; }
    /// Offset of the first event stored at `time` or later; the end when there is none.
    [[nodiscard]] std::uint64_t first_since(Timestamp time) const;

    /// Returns the event's offset.
    std::uint64_t append(StoredEventPtr event);
    void drop_oldest();

  private:
    std::uint64_t begin_ = 0;
    std::deque<StoredEventPtr> events_;
};

/// A topic: its partitions and what it keeps of them. Not thread-safe.
class TopicLog {
  public:
    /// Throws InvalidValue for a wrong number of partitions. `id` tells a topic from an earlier one of its
    /// name.
    TopicLog(TopicName name, const TopicOptions& options, std::uint64_t id);

    [[nodiscard]] const TopicName& name() const { return name_; }
    [[nodiscard]] std::uint64_t id() const { return id_; }
    [[nodiscard]] const std::vector<PartitionLog>& partitions() const { return partitions_; }
    [[nodiscard]] std::int32_t partition_count() const {
        return static_cast<std::int32_t>(partitions_.size());
    }
    [[nodiscard]] TopicInfo info() const;

    /// Stores the event in the partition of its key, and drops what retention lets go at the event's time.
    /// The newest event stays, however large it is.
    Position append(StoredEventPtr event);
    /// Throws NotFound when there is no such partition.
    void drop_before(Partition partition, std::uint64_t offset);
    void set_retention(const Retention& retention, Timestamp now);

    /// Where a group that is to start there starts on each partition; nothing for a partition that an AfterId
    /// does not name. Throws InvalidValue for an AfterId that is no position of this topic.
    [[nodiscard]] std::vector<std::optional<std::uint64_t>> resolve(const StartAt& start) const;

    /// The event that was stored first of those at or behind these offsets and before these ends, one for
    /// each partition.
    [[nodiscard]] std::optional<Position> first_of(const std::vector<std::uint64_t>& offsets,
                                                   const std::vector<std::uint64_t>& ends) const;

  private:
    void apply_retention(Timestamp now);
    void drop_oldest(PartitionLog& partition);
    [[nodiscard]] PartitionLog* oldest_partition();

    TopicName name_;
    std::uint64_t id_;
    Retention retention_;
    std::vector<PartitionLog> partitions_;
    std::uint64_t bytes_ = 0;
    std::uint64_t events_ = 0;
    std::uint32_t keyless_ = 0;
};

}  // namespace eventbus::memory
