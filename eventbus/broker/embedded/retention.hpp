#pragma once

#include <cstdint>

#include "eventbus/broker/embedded/sqlite.hpp"
#include "eventbus/broker/embedded/topics.hpp"
#include "eventbus/event/timestamp.hpp"

namespace eventbus::embedded {

/// Removes what a topic's retention says, oldest first, a bounded number of events in one transaction.
/// Returns how many were removed: call again while that is not 0. Groups that had not read them learn it from
/// the partition's first offset.
std::int64_t remove_expired(Connection& connection, const Topic& topic, Timestamp now);

}  // namespace eventbus::embedded
