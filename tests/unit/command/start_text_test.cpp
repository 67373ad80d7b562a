#include "eventbus/command/start_text.hpp"

#include <gtest/gtest.h>

#include "eventbus/event/error.hpp"

namespace eventbus {

namespace {

TEST(StartText, ReadsTheEndsOfATopic) {
    EXPECT_EQ(parse_start("earliest"), StartAt{Earliest{}});
    EXPECT_EQ(parse_start("latest"), StartAt{Latest{}});
}

TEST(StartText, ReadsTimes) {
    const StartAt noon = AtTime{parse_iso8601("2026-01-31T12:00:00Z")};
    for (const char* text :
         {"2026-01-31T12:00:00Z", "2026-01-31 13:00:00+01:00", "20260131T120000Z", "2026-01-31T12:00"})
        EXPECT_EQ(parse_start(text), noon) << text;
    EXPECT_EQ(parse_start("2026-01-31"), StartAt{AtTime{parse_iso8601("2026-01-31T00:00:00Z")}});
}

TEST(StartText, ReadsPositions) {
    for (const char* text : {"0", "42", "3:42", "0:1,1:2,2:3", "20260131", "1679676448892-0"})
        EXPECT_EQ(parse_start(text), StartAt{AfterId{text}}) << text;
}

TEST(StartText, RefusesTheRest) {
    for (const char* text :
         {"", "Earliest", "yesterday", "-1", ":1", "2026-13-01T00:00:00Z", "4 2", "42x", "1e3"})
        EXPECT_THROW(static_cast<void>(parse_start(text)), InvalidValue) << text;
}

}  // namespace

}  // namespace eventbus
