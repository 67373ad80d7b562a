#include "eventbus/broker/position.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "eventbus/event/error.hpp"

namespace eventbus {

namespace {

Position at(std::int32_t partition, std::uint64_t offset) { return {Partition{partition}, {offset, 0}}; }

TEST(ParsePositions, ABareOffsetIsOfTheOnlyPartition) {
    EXPECT_EQ(parse_positions("42", 1), std::vector{at(0, 42)});
    EXPECT_EQ(parse_positions("0", 1), std::vector{at(0, 0)});
    EXPECT_EQ(parse_positions("0:42", 1), std::vector{at(0, 42)});
}

TEST(ParsePositions, SeveralComeInTheOrderGiven) {
    EXPECT_EQ(parse_positions("3:42,0:7", 4), (std::vector{at(3, 42), at(0, 7)}));
}

TEST(ParsePositions, OffsetsGoUpToTheLargestThatIsStored) {
    EXPECT_EQ(parse_positions("9223372036854775807", 1), std::vector{at(0, INT64_MAX)});
    EXPECT_THROW(static_cast<void>(parse_positions("9223372036854775808", 1)), InvalidValue);
    EXPECT_THROW(static_cast<void>(parse_positions("18446744073709551616", 1)), InvalidValue);
}

TEST(ParsePositions, ReadsWhatToStringWrites) {
    for (const Position& position : {at(0, 0), at(7, 42), at(11, INT64_MAX)})
        EXPECT_EQ(parse_positions(to_string(position), 12), std::vector{position});
}

TEST(ParsePositions, RefusesAllElse) {
    for (const char* text : {"",     " ",        "x",    "-1",   "+1",  " 1",           "1 ",
                             "1.0",  "0x1",      ":",    "1:",   ":1",  "0:1:2",        "0:1,",
                             ",0:1", "0:1,,1:2", "0:-1", "-1:0", "2:0", "4294967296:0", "1679676448892-0"})
        EXPECT_THROW(static_cast<void>(parse_positions(text, 2)), InvalidValue) << text;
    EXPECT_THROW(static_cast<void>(parse_positions(std::string("1\0", 2), 1)), InvalidValue);
}

TEST(ParsePositions, SaysWhatToWrite) {
    const auto message_of = [](const char* text, std::int32_t partitions) -> std::string {
        try {
            static_cast<void>(parse_positions(text, partitions));
        } catch (const InvalidValue& error) {
            return error.what();
        }
        return "nothing";
    };
    EXPECT_THAT(message_of("42", 3), testing::HasSubstr("partition:offset"));
    EXPECT_THAT(message_of("7:1", 3), testing::HasSubstr("0 to 2"));
    EXPECT_THAT(message_of("last", 1), testing::HasSubstr("last"));
}

TEST(Position, IsOrderedByPartitionAndOffset) {
    EXPECT_LT(at(0, 9), at(1, 0));
    EXPECT_LT(at(1, 1), at(1, 2));
    EXPECT_LT((Offset{5, 0}), (Offset{5, 1}));
    EXPECT_LT((Offset{5, 9}), (Offset{6, 0}));
}

}  // namespace

}  // namespace eventbus
