#pragma once

#include <cstdint>
#include <string>

#include "eventbus/broker/embedded/sqlite.hpp"
#include "eventbus/broker/embedded/topics.hpp"

namespace eventbus::embedded {

/// Removes the events of a partition that stand before an offset, in steps between which others may write.
/// Ends early when the topic is deleted meanwhile.
void remove_before(Connection& connection, const std::string& name, const Topic& topic,
                   std::int32_t partition, std::int64_t before);

}  // namespace eventbus::embedded
