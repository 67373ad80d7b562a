#pragma once

#include <chrono>
#include <cstdint>

namespace eventbus {

/// What a backend's settings say of its consumers, whatever they consume.
struct ConsumerLimits {
    /// Without it consumers end as soon as they start: a switch for emergencies.
    bool enabled = true;
    /// After how many errors in a row a consumer ends with an error; 0 for never.
    std::uint64_t consecutive_errors = 0;
    /// How long a consumer waits after a call to the broker that failed; longer after each further one.
    std::chrono::milliseconds failure_pause{100};
};

}  // namespace eventbus
