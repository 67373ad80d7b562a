#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace eventbus {

/// A part of a topic within which events are in order. 0 where a backend has no partitions (Redis).
enum class Partition : std::int32_t {};

/// The place of an event in its partition. Backends that number events use `number` alone; Redis ids
/// (`1679676448892-0`) use both.
struct Offset {
    std::uint64_t number = 0;
    std::uint64_t sequence = 0;
    friend auto operator<=>(const Offset&, const Offset&) = default;
};

/// The offset of a backend that numbers events.
[[nodiscard]] constexpr Offset numbered(std::int64_t number) {
    return {static_cast<std::uint64_t>(number), 0};
}

/// Where an event is. Ordered within one topic and partition.
struct Position {
    Partition partition{};
    Offset offset;
    friend auto operator<=>(const Position&, const Position&) = default;
};

/// `3:42`, the form that `parse_positions` reads and that names a position in messages.
[[nodiscard]] std::string to_string(const Position& position);

/// Reads positions as a user writes them for a backend that numbers events: `42` for a topic of one
/// partition, `3:42` for partition 3, several with commas. `partitions` is how many the topic has. Throws
/// InvalidValue for anything else, for a partition that is not there, and for a bare number where there are
/// several.
/// Offsets are at most 2^63 - 1.
[[nodiscard]] std::vector<Position> parse_positions(std::string_view text, std::int32_t partitions);

}  // namespace eventbus
