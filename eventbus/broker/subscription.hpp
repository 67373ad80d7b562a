#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "eventbus/broker/event.hpp"

namespace eventbus {

/// The first event that is still stored.
struct Earliest {
    friend bool operator==(const Earliest&, const Earliest&) = default;
};
/// Only events stored from now on: after `subscribe` or `move_group` returned.
struct Latest {
    friend bool operator==(const Latest&, const Latest&) = default;
};
/// The first event stored at this time or later.
struct AtTime {
    Timestamp time;
    friend bool operator==(const AtTime&, const AtTime&) = default;
};
/// The event after this position, in the backend's text form; with several partitions `partition:offset`, one
/// or more with commas (see parse_positions). Partitions that are not named keep their position, or start at
/// the earliest event when they have none. A position before the oldest event starts at the oldest, one after
/// the newest at the next that is stored. A text that is no position is InvalidValue, from `subscribe` or
/// `move_group`, or from the first `poll` when the topic was not there before.
struct AfterId {
    std::string position;
    friend bool operator==(const AfterId&, const AfterId&) = default;
};
using StartAt = std::variant<Earliest, Latest, AtTime, AfterId>;

struct SubscribeOptions {
    /// At least one. A topic that does not exist yet is waited for, not an error.
    std::vector<TopicName> topics;
    GroupName group;
    /// More topics, which `start` and `reset` do not concern: the group starts there at the earliest event.
    /// They are not made by subscribing.
    std::vector<TopicName> besides = {};
    /// Where the group starts on a partition that it has no position for.
    StartAt start = Earliest{};
    /// When set, the whole group is moved there before the first poll, whatever its position.
    std::optional<StartAt> reset;
    /// Name of this member, for people; made up when empty.
    std::string member;
    /// After how long an event that a member was handed and has not acknowledged goes to another, where a
    /// backend can tell a dead member by its silence alone (Redis); unset for the backend's own setting.
    std::optional<std::chrono::milliseconds> claim_after = {};
    /// The most events that are handed out and not acknowledged at a time; bounds memory.
    std::size_t prefetch = 1000;
};

/// A member's view of how far its group is behind on a partition.
struct PartitionLag {
    TopicName topic;
    Partition partition{};
    /// Events stored and not yet acknowledged by the group.
    std::uint64_t events = 0;
};

/// Names an event that was handed out by a subscription.
struct Receipt {
    const TopicName* topic = nullptr;
    Position position;
};

/// A member of a consumer group. Members share the partitions: each partition has one owner at a time; the
/// partitions of a member that died are taken over, those of a member that lives are handed over only after
/// everything it was handed of them is acknowledged. One thread polls; `acknowledge` and `wake` may be called
/// from any thread.
class Subscription {
  public:
    Subscription() = default;
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;
    /// Leaves the group as `close` does.
    virtual ~Subscription() = default;

    /// Up to `most` events, in order within each partition; waits up to `limit` for the first, and at the
    /// prefetch limit for an acknowledgement by another thread. Empty when the time passed or after `wake`.
    /// Does not poll busily. Throws BrokerError.
    [[nodiscard]] virtual std::vector<ReceivedEvent> poll(std::size_t most,
                                                          std::chrono::milliseconds limit) = 0;

    /// These events are finished, in whatever order: the group will not get them again. The stored position
    /// of a partition never passes an event that was handed out and is not acknowledged. An event that was
    /// handed out and never acknowledged is handed out again, to whoever owns the partition next. Throws
    /// BrokerError.
    virtual void acknowledge(std::span<const Receipt> receipts) = 0;

    /// Makes a `poll` that waits, or the next one, return at once. Async-signal-safe.
    virtual void wake() noexcept = 0;

    /// Lag of the partitions that this member owns. Empty when it owns none yet.
    [[nodiscard]] virtual std::vector<PartitionLag> lag() = 0;

    /// Whether the group has still to say which partitions this member owns: what it owns now tells nothing
    /// about what there is for it. Throws BrokerError.
    [[nodiscard]] virtual bool is_joining() { return false; }

    /// Gives up the partitions and leaves the group; what is not acknowledged goes to other members.
    /// Idempotent.
    virtual void close() = 0;
};

}  // namespace eventbus
