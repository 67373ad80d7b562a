#include "eventbus/broker/partitioner.hpp"

namespace eventbus {

std::uint32_t murmur2(std::string_view bytes) {
    constexpr std::uint32_t mix = 0x5bd1e995;
    constexpr std::uint32_t seed = 0x9747b28c;
    const auto byte = [&](std::size_t i) {
        return static_cast<std::uint32_t>(static_cast<std::uint8_t>(bytes[i]));
    };
    std::uint32_t hash = seed ^ static_cast<std::uint32_t>(bytes.size());
    std::size_t i = 0;
    for (; i + 4 <= bytes.size(); i += 4) {
        std::uint32_t word = byte(i) | byte(i + 1) << 8 | byte(i + 2) << 16 | byte(i + 3) << 24;
        word *= mix;
        word ^= word >> 24;
        word *= mix;
        hash = hash * mix ^ word;
    }
    const std::size_t left = bytes.size() - i;
    if (left >= 3) hash ^= byte(i + 2) << 16;
    if (left >= 2) hash ^= byte(i + 1) << 8;
    if (left >= 1) hash = (hash ^ byte(i)) * mix;
    hash ^= hash >> 13;
    hash *= mix;
    return hash ^ hash >> 15;
}

Partition partition_of(std::string_view key, std::int32_t partitions) {
    return Partition{
        static_cast<std::int32_t>((murmur2(key) & 0x7fffffff) % static_cast<std::uint32_t>(partitions))};
}

}  // namespace eventbus
