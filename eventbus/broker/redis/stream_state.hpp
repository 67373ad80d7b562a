#pragma once

#include <cstdint>

#include "eventbus/event/names.hpp"
#include "eventbus/redis/connection.hpp"

namespace eventbus::redis_streams {

/// Events stored and not yet acknowledged by the group. Throws NotFound when there is no such group.
[[nodiscard]] std::uint64_t group_lag(redis::Connection& connection, const TopicName& topic,
                                      const GroupName& group);

/// How many events were trimmed or deleted before the group read them, since the last call by anyone; 0 when
/// that cannot be told yet.
[[nodiscard]] std::uint64_t count_lost(redis::Connection& connection, const TopicName& topic,
                                       const GroupName& group);

}  // namespace eventbus::redis_streams
