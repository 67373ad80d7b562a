#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace eventbus {

/// Who owns a partition of a topic, as one member of a group sees it.
enum class Ownership { free, mine, other };

/// What a member should do so that a topic's partitions end up shared fairly: what it owns above its share it
/// gives up, free partitions it takes up to its share.
struct AssignmentStep {
    std::vector<std::int32_t> take;
    std::vector<std::int32_t> give_up;
};

/// The step of the member `self`. `members` are the members of the group that subscribe the topic, in any
/// order, `self` among them, each name once. The same members always get the same shares, which differ by at
/// most one, so all come to rest by this rule without a leader. When a member joins no share grows and when
/// one leaves none shrinks, so only partitions that must move do. Who gets the odd partitions depends on
/// the topic's name: topics with fewer partitions than members spread over the members.
[[nodiscard]] AssignmentStep next_step(std::string_view topic, std::span<const std::string> members,
                                       std::string_view self, std::span<const Ownership> partitions);

}  // namespace eventbus
