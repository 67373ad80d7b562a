#pragma once

#include "eventbus/broker/embedded/sqlite.hpp"
#include "eventbus/event/timestamp.hpp"

namespace eventbus::embedded {

/// Removes what the topics' retention lets go, oldest first: a bounded part of it. Returns false when there
/// may be more. The newest event of a topic stays, however large it is. Groups that had not read what went
/// learn it from the topic's first offset.
bool remove_expired(Connection& connection, Timestamp now);

}  // namespace eventbus::embedded
