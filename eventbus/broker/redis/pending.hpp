#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "eventbus/broker/position.hpp"
#include "eventbus/event/names.hpp"
#include "eventbus/redis/connection.hpp"

namespace eventbus::redis_streams {

/// A group's list of what it was given and has not acknowledged, by consumer. Each function throws
/// BrokerError.
struct PendingList {
    const TopicName& topic;
    const GroupName& group;
};

/// Makes `to` the consumer of all that `from` has not acknowledged. The smallest id, if there was any.
std::optional<Offset> take_over(redis::Connection& connection, const PendingList& list, std::string_view from,
                                std::string_view to);

/// Makes `to` the consumer of all that nobody has touched for so long. The smallest id, if there was any.
std::optional<Offset> take_over_idle(redis::Connection& connection, const PendingList& list,
                                     std::chrono::milliseconds idle, std::string_view to);

/// A sign of life for what `consumer` has: the time that nobody touched it begins anew. What another took
/// over a moment ago stays its own.
void keep_alive(redis::Connection& connection, const PendingList& list, std::string_view consumer,
                std::span<const Offset> ids, std::chrono::milliseconds untouched);

/// Gives back what a consumer has: any member takes it over at its next look.
void give_back(redis::Connection& connection, const PendingList& list, std::span<const Offset> ids);

/// What the consumer has not acknowledged, up to `most`, from an id on.
[[nodiscard]] std::vector<Offset> pending_of(redis::Connection& connection, const PendingList& list,
                                             std::string_view consumer, const Offset& from, std::size_t most);

/// Removes a consumer from the group if it has nothing pending; where the server allows no scripts it stays.
void forget(redis::Connection& connection, const PendingList& list, std::string_view consumer);

/// What anyone has not acknowledged up to an id, not necessarily all of it.
[[nodiscard]] std::vector<Offset> pending_up_to(redis::Connection& connection, const PendingList& list,
                                                const Offset& last);

/// Acknowledges.
void acknowledge(redis::Connection& connection, const PendingList& list, std::span<const Offset> ids);

}  // namespace eventbus::redis_streams
