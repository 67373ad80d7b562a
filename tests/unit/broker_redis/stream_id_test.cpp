#include "eventbus/broker/redis/stream_id.hpp"

#include <gtest/gtest.h>

#include <cstdint>

#include "eventbus/event/error.hpp"

namespace eventbus::redis_streams {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

TEST(StreamId, IsReadAsTheServerAndAsUsersWriteIt) {
    EXPECT_EQ(parse_stream_id("1679676448892-3"), (Offset{1'679'676'448'892, 3}));
    EXPECT_EQ(parse_stream_id("1679676448892"), (Offset{1'679'676'448'892, 0}));
    EXPECT_EQ(parse_stream_id("0-0"), (Offset{}));
    EXPECT_EQ(parse_stream_id("18446744073709551615-18446744073709551615"), (Offset{UINT64_MAX, UINT64_MAX}));
}

TEST(StreamId, AnyOtherTextIsNone) {
    for (const char* text : {"", "-", "1-", "-1", "$", ">", "+", "1-2-3", "1--2", "1-*", " 1-2", "1-2 ",
                             "0x1-0", "a", "18446744073709551616-0", "0-18446744073709551616"}) {
        EXPECT_EQ(parse_stream_id(text), std::nullopt) << text;
    }
    EXPECT_THROW(static_cast<void>(stream_id_of("$")), DecodeError);
}

TEST(StreamId, IsWrittenAsItWasRead) {
    for (const char* text : {"0-0", "1679676448892-3", "18446744073709551615-18446744073709551615"})
        EXPECT_EQ(to_string(stream_id_of(text)), text);
}

TEST(StreamId, HasNeighbours) {
    EXPECT_EQ(after({5, 3}), (Offset{5, 4}));
    EXPECT_EQ(after({5, UINT64_MAX}), (Offset{6, 0}));
    EXPECT_EQ(after({UINT64_MAX, UINT64_MAX}), (Offset{UINT64_MAX, UINT64_MAX}));
    EXPECT_EQ(before({5, 3}), (Offset{5, 2}));
    EXPECT_EQ(before({5, 0}), (Offset{4, UINT64_MAX}));
    EXPECT_EQ(before({0, 0}), (Offset{}));
}

TEST(StreamId, TimesAreMilliseconds) {
    EXPECT_EQ(first_id_at(Timestamp(milliseconds(7))), (Offset{7, 0}));
    EXPECT_EQ(first_id_at(Timestamp(microseconds(7001))), (Offset{7, 0}));
    EXPECT_EQ(first_id_at(Timestamp(microseconds(-1))), (Offset{}));
    EXPECT_EQ(stored_at({7, 3}), Timestamp(milliseconds(7)));
}

TEST(StreamId, EveryIdHasATimeThatCanBeWritten) {
    EXPECT_EQ(to_iso8601(stored_at({UINT64_MAX, 0})), "9999-12-31T23:59:59.999000+00:00");
}

}  // namespace

}  // namespace eventbus::redis_streams
