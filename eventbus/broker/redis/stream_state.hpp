#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "eventbus/broker/position.hpp"
#include "eventbus/event/names.hpp"
#include "eventbus/redis/connection.hpp"

namespace eventbus::redis_streams {

/// What the server says of a stream (XINFO STREAM).
struct StreamState {
    std::uint64_t length = 0;
    /// Entries that were ever added.
    std::uint64_t added = 0;
    /// The newest id, of an entry that is stored or not.
    Offset last;
    /// Of the oldest entry; nothing when there is none.
    std::optional<Offset> first;
};

/// What the server says of a group (XINFO GROUPS).
struct GroupState {
    std::string name;
    Offset last_delivered;
    std::uint64_t pending = 0;
};

/// Nothing when the stream is not there. Each function throws BrokerError, also when the key is no stream.
[[nodiscard]] std::optional<StreamState> stream_state(redis::Connection& connection, const TopicName& topic);

/// None when the stream is not there.
[[nodiscard]] std::vector<GroupState> group_states(redis::Connection& connection, const TopicName& topic);

/// Reads the reply to XINFO STREAM.
[[nodiscard]] StreamState stream_state_of(redis::ReplyView reply);

/// Whether an error reply says that the key or the group is not there.
[[nodiscard]] bool says_missing(std::string_view error);

/// Entries behind `after`, up to and with `last`. Counted at the server where it allows scripts.
[[nodiscard]] std::uint64_t count_entries(redis::Connection& connection, const TopicName& topic,
                                          const Offset& after, const Offset& last);

/// Events stored and not yet acknowledged by the group. The server's own count is wrong once entries were
/// trimmed before the group read them.
[[nodiscard]] std::uint64_t group_lag(redis::Connection& connection, const TopicName& topic,
                                      const StreamState& stream, const GroupState& group);
/// The same for a group by name; 0 when it is not there.
[[nodiscard]] std::uint64_t group_lag(redis::Connection& connection, const TopicName& topic,
                                      const GroupName& group);

/// The oldest id that the group has not acknowledged, or the one behind the newest that it has read.
[[nodiscard]] Offset group_position(redis::Connection& connection, const TopicName& topic,
                                    const GroupState& group);

}  // namespace eventbus::redis_streams
