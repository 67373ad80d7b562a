#pragma once

#include <cstdint>

#include "eventbus/broker/position.hpp"

namespace eventbus::embedded {

/// The row of an event is its partition and offset in one integer: one B-tree, in which each partition is a
/// range that grows at its end. 2^23 partitions of 2^40 events each.
inline constexpr int offset_bits = 40;
inline constexpr std::int64_t most_offset = (std::int64_t{1} << offset_bits) - 1;

/// A partition's number in the whole file, which no other partition ever has.
enum class PartitionId : std::int64_t {};

[[nodiscard]] constexpr std::int64_t row_of(PartitionId partition, std::int64_t offset) {
    return static_cast<std::int64_t>(partition) << offset_bits | offset;
}
[[nodiscard]] constexpr std::int64_t offset_of(std::int64_t row) { return row & most_offset; }

/// A time as it is stored: microseconds since 1970.
[[nodiscard]] constexpr std::int64_t stored_time(auto time) { return time.time_since_epoch().count(); }

}  // namespace eventbus::embedded
