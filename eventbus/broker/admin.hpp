#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "eventbus/broker/subscription.hpp"

namespace eventbus {

/// How long a topic's events are kept. Unset: for ever. What is older or over is removed in the background of
/// publishing.
struct Retention {
    std::optional<std::chrono::seconds> age;
    /// Bytes of all its partitions together.
    std::optional<std::uint64_t> bytes;
};

struct TopicOptions {
    std::int32_t partitions = 1;
    Retention retention;
    /// How many brokers have a copy, where a backend has several; without it as the cluster says.
    std::optional<std::int32_t> replication = {};
};

struct PartitionInfo {
    Partition partition{};
    /// Offset of the oldest event stored; equal to `end` when there is none.
    Offset begin;
    /// Offset that the next event will get, or after the newest event.
    Offset end;
    std::uint64_t events = 0;
};

struct TopicInfo {
    TopicName name;
    std::vector<PartitionInfo> partitions;
    Retention retention;
    /// Sum of the payloads' sizes, where the backend knows it.
    std::optional<std::uint64_t> bytes;
    /// About how many events are kept, where senders trim to a number.
    std::optional<std::uint64_t> most_events = {};
};

struct GroupInfo {
    GroupName name;
    TopicName topic;
    struct PartitionState {
        Partition partition{};
        /// Next offset that the group has not acknowledged.
        Offset position;
        std::uint64_t lag = 0;
        /// Name of the member that owns it; empty when nobody does.
        std::string owner;
    };
    std::vector<PartitionState> partitions;
};

/// Looks at and changes what a broker holds. Thread-safe. Every call may throw BrokerError.
class Admin {
  public:
    Admin() = default;
    Admin(const Admin&) = delete;
    Admin& operator=(const Admin&) = delete;
    virtual ~Admin() = default;

    /// All topics by name.
    [[nodiscard]] virtual std::vector<TopicInfo> topics() = 0;
    /// One topic; nothing when it does not exist.
    [[nodiscard]] virtual std::optional<TopicInfo> topic(const TopicName& name) = 0;
    /// Throws InvalidValue when it exists with other partitions; changes the retention of one that exists.
    virtual void create_topic(const TopicName& name, const TopicOptions& options) = 0;
    /// Removes the topic, its events and its groups' positions. Throws NotFound.
    virtual void delete_topic(const TopicName& name) = 0;
    /// Removes the events of a partition that stand before an offset, at once; an offset beyond the end
    /// removes all that are stored. Those stored later go on counting as before. Groups whose position was
    /// removed go on at the oldest event, as with retention; what a member was handed already it may finish.
    /// Throws NotFound when the topic or the partition does not exist; removing what is not there is no
    /// error.
    virtual void delete_events_before(const TopicName& topic, Partition partition, const Offset& before) = 0;
    /// The groups that have a position on the topic; none when the topic does not exist.
    [[nodiscard]] virtual std::vector<GroupInfo> groups(const TopicName& topic) = 0;
    /// Moves a group on all partitions of a topic; members that run go on from there. Makes the group when
    /// needed. Throws NotFound when the topic does not exist.
    virtual void move_group(const TopicName& topic, const GroupName& group, const StartAt& to) = 0;
};

}  // namespace eventbus
