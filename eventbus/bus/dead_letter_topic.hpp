#pragma once

#include <string_view>

#include "eventbus/event/names.hpp"

namespace eventbus {

/// What stands between the names of topic and group in the name of a dead-letter topic.
inline constexpr std::string_view dead_letter_separator = ".dead-letters.";

/// The topic that keeps what a group gave up of a topic: `{topic}.dead-letters.{group}`, on the same backend;
/// `topic` is the broker's name, prefix included. Where that would be longer than 249 bytes it is cut, and
/// what a topic's name cannot have becomes `_`; then, and when the separator would be in it twice, `-` and 8
/// hexadecimal digits of a hash of topic and group stand at the end. Stable for ever: letters are found by
/// it.
[[nodiscard]] TopicName dead_letter_topic(const TopicName& topic, const GroupName& group);

/// Whether a topic may be one that keeps dead letters, by its name.
[[nodiscard]] bool may_hold_dead_letters(const TopicName& topic);

}  // namespace eventbus
