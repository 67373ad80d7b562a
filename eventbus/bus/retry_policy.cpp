#include "eventbus/bus/retry_policy.hpp"

#include <algorithm>

namespace eventbus {

std::chrono::milliseconds RetryPolicy::pause(std::uint32_t tries, double chance) const {
    // More doublings than these are longer than any pause that can be set.
    const std::uint32_t doublings = std::min<std::uint32_t>(tries - 1, 40);
    const double whole = std::min(
        static_cast<double>(first_pause.count()) * static_cast<double>(std::uint64_t{1} << doublings),
        static_cast<double>(longest_pause.count()));
    return std::chrono::milliseconds(static_cast<std::int64_t>(whole * (0.8 + 0.2 * chance)));
}

}  // namespace eventbus
