#pragma once

#include <cstdint>

#include "eventbus/event/names.hpp"
#include "eventbus/redis/connection.hpp"

namespace eventbus::redis_streams {

/// How many events were trimmed before the group read them, since the last call by anyone; 0 as
/// long as that cannot be told: it can when the group stands before the oldest entry, and when it has read
/// all. The server counts what a group reads one by one, so what it never read is what is missing from that
/// count; the call puts the count right. It must be called once before anything is lost, and often enough
/// that a server that restarts, which forgets a part of its count, forgets little: what is lost about then is
/// not told. Throws ServerError where the server does not allow scripts.
[[nodiscard]] std::uint64_t count_trimmed_unread(redis::Connection& connection, const TopicName& topic,
                                                 const GroupName& group);

}  // namespace eventbus::redis_streams
