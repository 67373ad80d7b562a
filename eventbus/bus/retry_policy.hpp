#pragma once

#include <chrono>
#include <cstdint>

namespace eventbus {

/// How often, and after which pauses, a handler that fails is tried again. The pause doubles from try to try,
/// and is taken at random from its last fifth, so that consumers that failed together do not come back
/// together.
struct RetryPolicy {
    /// At least 1: the first try counts.
    std::uint32_t most_tries = 5;
    std::chrono::milliseconds first_pause{1'000};
    std::chrono::milliseconds longest_pause{60'000};

    /// The pause after so many tries, 1 or more; `chance` is from 0 (the shortest) to 1 (the longest).
    [[nodiscard]] std::chrono::milliseconds pause(std::uint32_t tries, double chance) const;
};

}  // namespace eventbus
