#pragma once

#include "eventbus/broker/admin.hpp"
#include "eventbus/broker/redis/stream_state.hpp"
#include "eventbus/redis/connection.hpp"

namespace eventbus::redis_streams {

/// The id behind which what `start` says begins; never one behind the newest, so that nothing is missed.
/// Throws InvalidValue for an AfterId that is no id.
[[nodiscard]] Offset offset_before(const StartAt& start, const StreamState& stream);

/// Makes the group at `start`, and with `make_stream` the stream where it is not there; one that is there
/// stays where it is: false. Throws InvalidValue for an AfterId that is no id, NotFound when the stream is
/// not there and not to be made.
bool make_group(redis::Connection& connection, const TopicName& topic, const GroupName& group,
                const StartAt& start, bool make_stream);

/// Moves the group, and makes it when needed; what is pending before the new position is dropped. Throws as
/// `make_group`.
void move_group(redis::Connection& connection, const TopicName& topic, const GroupName& group,
                const StartAt& to);

}  // namespace eventbus::redis_streams
