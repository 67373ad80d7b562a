#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

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

/// Where an event is. Ordered within one topic and partition.
struct Position {
    Partition partition{};
    Offset offset;
    friend auto operator<=>(const Position&, const Position&) = default;
};

}  // namespace eventbus
