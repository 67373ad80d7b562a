#include "eventbus/broker/embedded/headers_blob.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <random>

#include "eventbus/event/error.hpp"

namespace eventbus::embedded {

namespace {

std::vector<std::byte> bytes(std::initializer_list<int> values) {
    std::vector<std::byte> all;
    for (const int value : values) all.push_back(static_cast<std::byte>(value));
    return all;
}

TEST(HeadersBlob, ComesBackAsItWas) {
    const std::vector<Headers> all{{},
                                   {{"name", "value"}},
                                   {{"", ""}},
                                   {{"b", "1"}, {"a", "2"}, {"b", "3"}},
                                   {{std::string("\0\xff", 2), std::string(100'000, 'v')}}};
    for (const Headers& headers : all) EXPECT_EQ(unpack(pack(headers)), headers);
}

TEST(HeadersBlob, HasLittleEndianLengths) {
    EXPECT_EQ(pack({{"n", "va"}}), bytes({1, 0, 0, 0, 'n', 2, 0, 0, 0, 'v', 'a'}));
}

TEST(HeadersBlob, RefusesEveryPartOfItself) {
    const auto whole = pack({{"name", "value"}, {"other", "text"}});
    const std::size_t first = pack({{"name", "value"}}).size();
    for (std::size_t size = 1; size < whole.size(); ++size) {
        if (size == first) continue;
        EXPECT_THROW(static_cast<void>(unpack(std::span(whole).first(size))), DecodeError) << size;
    }
}

TEST(HeadersBlob, RefusesLengthsThatLie) {
    EXPECT_THROW(static_cast<void>(unpack(bytes({0xff, 0xff, 0xff, 0xff}))), DecodeError);
    EXPECT_THROW(static_cast<void>(unpack(bytes({0xff, 0xff, 0xff, 0x7f, 'n'}))), DecodeError);
    EXPECT_THROW(static_cast<void>(unpack(bytes({2, 0, 0, 0, 'n'}))), DecodeError);
    EXPECT_THROW(static_cast<void>(unpack(bytes({0, 0, 0, 0}))), DecodeError);
}

TEST(HeadersBlob, AnyBytesAreHeadersOrRefused) {
    const auto seed = std::random_device{}();
    std::printf("seed %u\n", seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 20'000; ++round) {
        std::vector<std::byte> blob(random() % 40);
        for (std::byte& byte : blob)
            byte = static_cast<std::byte>(random() % 4 == 0 ? random() : random() % 3);
        try {
            EXPECT_EQ(pack(unpack(blob)), blob);
        } catch (const DecodeError&) {
        }
    }
}

}  // namespace

}  // namespace eventbus::embedded
