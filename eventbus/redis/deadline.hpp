#pragma once

#include <chrono>

namespace eventbus::redis {

using SteadyTime = std::chrono::steady_clock::time_point;

/// When a wait ends: a point on the clock that nobody sets.
using Deadline = SteadyTime;

[[nodiscard]] inline Deadline in(std::chrono::milliseconds time) {
    return std::chrono::steady_clock::now() + time;
}

}  // namespace eventbus::redis
