#pragma once

#include <chrono>

namespace eventbus {

/// A year. Limits that users give may be as good as none; no clock overflows by this one.
inline constexpr std::chrono::milliseconds longest_limit = std::chrono::hours{24 * 365};

}  // namespace eventbus
