#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "eventbus/broker/embedded/sqlite.hpp"
#include "eventbus/broker/embedded/topics.hpp"
#include "eventbus/broker/subscription.hpp"

namespace eventbus::embedded {

/// Where each partition starts; nothing for those that an AfterId leaves out.
using StartOffsets = std::vector<std::optional<std::int64_t>>;

/// Throws InvalidValue for an id that does not fit the topic.
[[nodiscard]] StartOffsets start_offsets(Connection& connection, const Topic& topic, const StartAt& start);

}  // namespace eventbus::embedded
