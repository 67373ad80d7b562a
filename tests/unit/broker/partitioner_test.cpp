#include "eventbus/broker/partitioner.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace eventbus {

namespace {

// The values that Kafka's own tests hold its hash to.
TEST(Murmur2, IsKafkas) {
    const auto hash = [](std::string_view text) { return static_cast<std::int32_t>(murmur2(text)); };
    EXPECT_EQ(hash("21"), -973932308);
    EXPECT_EQ(hash("foobar"), -790332482);
    EXPECT_EQ(hash("a-little-bit-long-string"), -985981536);
    EXPECT_EQ(hash("a-little-bit-longer-string"), -1486304829);
    EXPECT_EQ(hash("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8"), -58897971);
    EXPECT_EQ(hash("abc"), 479470107);
}

TEST(Murmur2, TakesEveryLengthAndByte) {
    std::string bytes;
    std::vector<std::uint32_t> hashes;
    for (int i = 0; i < 40; ++i) {
        hashes.push_back(murmur2(bytes));
        bytes.push_back(static_cast<char>(255 - i));
    }
    std::sort(hashes.begin(), hashes.end());
    EXPECT_EQ(std::unique(hashes.begin(), hashes.end()), hashes.end());
}

TEST(PartitionOf, DropsTheSignAndTakesTheRest) {
    EXPECT_EQ(partition_of("abc", 1'000'000), Partition{479470107 % 1'000'000});
    const auto without_sign = static_cast<std::uint32_t>(-973932308) & 0x7fffffffU;
    EXPECT_EQ(partition_of("21", 7), Partition{static_cast<std::int32_t>(without_sign % 7)});
    EXPECT_EQ(partition_of("anything", 1), Partition{0});
}

TEST(PartitionOf, SpreadsKeysFairly) {
    std::array<int, 8> counts{};
    for (int key = 0; key < 8000; ++key)
        ++counts.at(static_cast<std::size_t>(partition_of("user " + std::to_string(key), 8)));
    for (const int count : counts) {
        EXPECT_GT(count, 800);
        EXPECT_LT(count, 1200);
    }
}

}  // namespace

}  // namespace eventbus
