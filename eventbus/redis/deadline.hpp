#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "eventbus/event/longest_limit.hpp"

namespace eventbus::redis {

using SteadyTime = std::chrono::steady_clock::time_point;

/// When a wait ends: a point on the clock that nobody sets.
using Deadline = SteadyTime;

/// Bounded, so that the longest durations do not overflow it.
[[nodiscard]] inline Deadline in(std::chrono::milliseconds time) {
    return std::chrono::steady_clock::now() + std::min(time, longest_limit);
}

/// The part of the time that is left which the first of `attempts` may take, so that each has some.
[[nodiscard]] inline Deadline share_of(Deadline deadline, std::size_t attempts) {
    const SteadyTime now = std::chrono::steady_clock::now();
    return now + (deadline - now) / static_cast<std::int64_t>(attempts == 0 ? 1 : attempts);
}

}  // namespace eventbus::redis
