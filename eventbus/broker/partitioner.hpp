#pragma once

#include <cstdint>
#include <string_view>

#include "eventbus/broker/position.hpp"

namespace eventbus {

/// 32-bit MurmurHash2 with the seed 0x9747b28c: the hash that Kafka's Java client chooses partitions by.
[[nodiscard]] std::uint32_t murmur2(std::string_view bytes);

/// The partition of a key: the hash without its sign bit, modulo the number of partitions (Kafka's default
/// for keys). Stable for ever: stored events depend on it.
[[nodiscard]] Partition partition_of(std::string_view key, std::int32_t partitions);

}  // namespace eventbus
