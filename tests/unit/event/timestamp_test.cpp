#include "eventbus/event/timestamp.hpp"

#include <gmock/gmock.h>

#include <cstdint>
#include <iostream>
#include <random>

#include "eventbus/event/error.hpp"

namespace eventbus {
namespace {

using std::chrono::microseconds;

std::string as_utc(std::string_view text) {
    try {
        return to_iso8601(parse_iso8601(text));
    } catch (const InvalidValue&) {
        return "(refused)";
    }
}

TEST(Timestamp, IsWrittenAsPythonWritesUtc) {
    EXPECT_EQ(to_iso8601(Timestamp(microseconds(0))), "1970-01-01T00:00:00+00:00");
    EXPECT_EQ(to_iso8601(Timestamp(microseconds(1))), "1970-01-01T00:00:00.000001+00:00");
    EXPECT_EQ(to_iso8601(Timestamp(microseconds(-1))), "1969-12-31T23:59:59.999999+00:00");
    EXPECT_EQ(as_utc("2021-06-09T14:12:45.320819+00:00"), "2021-06-09T14:12:45.320819+00:00");
    EXPECT_EQ(as_utc("0001-01-01T00:00:00+00:00"), "0001-01-01T00:00:00+00:00");
    EXPECT_EQ(as_utc("9999-12-31T23:59:59.999999Z"), "9999-12-31T23:59:59.999999+00:00");
}

TEST(Timestamp, ReadsTheFormsOfIso8601) {
    for (const std::string_view text :
         {"2021-06-09T14:12:45Z", "2021-06-09 14:12:45", "20210609T141245", "2021-06-09T14:12:45,0",
          "2021-06-09T16:12:45+02:00", "2021-06-09T16:12:45+0200", "2021-06-09T16:12:45+02",
          "2021-06-09T09:12:45-05:00", "2021-W23-3T14:12:45", "2021W233T141245", "2021-06-09x14:12:45"})
        EXPECT_EQ(as_utc(text), "2021-06-09T14:12:45+00:00") << text;
    EXPECT_EQ(as_utc("2021-06-09"), "2021-06-09T00:00:00+00:00");
    EXPECT_EQ(as_utc("2021-06-09T14"), "2021-06-09T14:00:00+00:00");
    EXPECT_EQ(as_utc("2021-06-09T14:12:45.1234567"), "2021-06-09T14:12:45.123456+00:00");
    EXPECT_EQ(as_utc("2024-02-29"), "2024-02-29T00:00:00+00:00");
}

TEST(Timestamp, RefusesWhatIsNoTime) {
    for (const std::string_view text : {"",
                                        "x",
                                        "2021",
                                        "2021-06",
                                        "2021-6-9",
                                        "2021-13-01",
                                        "2021-02-29",
                                        "2021-06-31",
                                        "0000-01-01",
                                        "10000-01-01T00:00:00",
                                        "2021-06-09T24:00:00",
                                        "2021-06-09T14:60:00",
                                        "2021-06-09T14:12:60",
                                        "2021-06-09T14:12:45.",
                                        "2021-06-09T14:12:45+24:00",
                                        "2021-06-09T14:12:45ZZ",
                                        "2021-06-09T",
                                        "2021-06-09T14:12:45 Z",
                                        "2021-W54-1",
                                        "2021-W00-1",
                                        "0001-01-01T00:00:00+00:01",
                                        "9999-12-31T23:59:59-00:01",
                                        "2021-06-09T14:1245"})
        EXPECT_EQ(as_utc(text), "(refused)") << text;
    EXPECT_EQ(as_utc("2021-06-09T14:12:45." + std::string(1000, '0')), "(refused)");
}

TEST(Timestamp, OutsideTheYearsThatHaveAFormIsRefused) {
    EXPECT_THROW(static_cast<void>(to_iso8601(Timestamp::max())), InvalidValue);
    EXPECT_THROW(static_cast<void>(to_iso8601(Timestamp::min())), InvalidValue);
}

TEST(Timestamp, ComesBackFromItsText) {
    const unsigned seed = std::random_device{}();
    std::cout << "seed " << seed << std::endl;
    std::mt19937_64 random(seed);
    const std::int64_t first = parse_iso8601("0001-01-01").time_since_epoch().count();
    const std::int64_t last = parse_iso8601("9999-12-31").time_since_epoch().count();
    std::uniform_int_distribution<std::int64_t> any(first, last);
    for (int i = 0; i < 10'000; ++i) {
        const Timestamp time{microseconds(any(random))};
        EXPECT_EQ(parse_iso8601(to_iso8601(time)), time);
    }
}

TEST(Timestamp, NowIsNow) { EXPECT_GT(now(), parse_iso8601("2024-01-01")); }

}  // namespace
}  // namespace eventbus
