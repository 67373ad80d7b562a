#pragma once

#include <cstdint>

namespace eventbus::bench {

/// Calls of `operator new` on this thread so far: this program counts them.
[[nodiscard]] std::uint64_t allocations();

}  // namespace eventbus::bench
