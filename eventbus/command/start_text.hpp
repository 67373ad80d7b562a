#pragma once

#include <string_view>

#include "eventbus/broker/subscription.hpp"

namespace eventbus {

/// Reads a place in a topic as a person writes it on a command line: `earliest`, `latest`, a time in ISO
/// 8601, or a position as consume_events prints it (`42`, with its partition `3:42`, several with commas),
/// which stands for the place behind it. Digits alone are a position, not a date. Whether the topic can have
/// the position is for the backend to say. Throws InvalidValue.
[[nodiscard]] StartAt parse_start(std::string_view text);

}  // namespace eventbus
