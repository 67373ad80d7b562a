#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace eventbus {

/// A time span as people write it: `90`, `1.5` (seconds), `500ms`, `30s`, `10m`, `12h`, `7d`; at most a
/// century. Throws InvalidValue.
[[nodiscard]] std::chrono::milliseconds parse_duration(std::string_view text);

/// A number of bytes as people write it: `1048576`, `512K`, `10M`, `2G` (powers of 1024, `KiB` is the same).
/// Throws InvalidValue.
[[nodiscard]] std::uint64_t parse_bytes(std::string_view text);

}  // namespace eventbus
