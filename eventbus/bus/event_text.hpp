#pragma once

#include <string>

#include "eventbus/broker/event.hpp"

namespace eventbus {

/// What an event is, on one line of a log: its type and id.
[[nodiscard]] std::string name_of(const ReceivedEvent& event);
/// Where it is: `topic grades, partition 3, position 42`.
[[nodiscard]] std::string place_of(const ReceivedEvent& event);

}  // namespace eventbus
