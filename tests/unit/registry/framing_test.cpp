#include "eventbus/registry/framing.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "eventbus/event/error.hpp"

namespace eventbus {
namespace {

std::vector<std::byte> bytes(std::initializer_list<int> values) {
    std::vector<std::byte> all;
    for (const int value : values) all.push_back(static_cast<std::byte>(value));
    return all;
}

std::string refusal(const std::vector<std::byte>& value) {
    try {
        static_cast<void>(read_framed(value));
    } catch (const DecodeError& error) {
        return error.what();
    }
    return {};
}

TEST(Framing, IsAZeroAndTheIdWithItsHighestByteFirst) {
    std::vector<std::byte> out = bytes({9, 9, 9});
    write_framed(out, SchemaId{0x01020304}, bytes({7, 8}));
    EXPECT_EQ(out, bytes({0, 1, 2, 3, 4, 7, 8}));
}

TEST(Framing, WhatIsWrittenIsRead) {
    for (const std::int32_t id : {0, 1, 255, 256, 65536, 2147483647}) {
        std::vector<std::byte> out;
        write_framed(out, SchemaId{id}, bytes({1}));
        const Framed framed = read_framed(out);
        EXPECT_EQ(framed.id.value, id);
        EXPECT_EQ(std::vector<std::byte>(framed.body.begin(), framed.body.end()), bytes({1}));
    }
}

TEST(Framing, ABodyMayBeEmpty) { EXPECT_TRUE(read_framed(bytes({0, 0, 0, 0, 1})).body.empty()); }

TEST(Framing, WhatHasNoFrameIsRefused) {
    EXPECT_NE(refusal({}).find("0 bytes"), std::string::npos);
    EXPECT_NE(refusal(bytes({0, 0, 0, 1})).find("4 bytes"), std::string::npos);
    EXPECT_NE(refusal(bytes({1, 0, 0, 0, 1, 2})).find("the byte 1"), std::string::npos);
}

}  // namespace
}  // namespace eventbus
