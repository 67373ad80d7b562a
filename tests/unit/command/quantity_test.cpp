#include "eventbus/command/quantity.hpp"

#include <gmock/gmock.h>

#include "eventbus/event/error.hpp"

namespace eventbus {
namespace {

using std::chrono::milliseconds;

TEST(Duration, IsSecondsWithoutAUnit) {
    EXPECT_EQ(parse_duration("90"), milliseconds(90'000));
    EXPECT_EQ(parse_duration("1.5"), milliseconds(1'500));
    EXPECT_EQ(parse_duration("0"), milliseconds(0));
}

TEST(Duration, HasUnits) {
    EXPECT_EQ(parse_duration("500ms"), milliseconds(500));
    EXPECT_EQ(parse_duration("2s"), milliseconds(2'000));
    EXPECT_EQ(parse_duration("1.5m"), milliseconds(90'000));
    EXPECT_EQ(parse_duration("12h"), milliseconds(43'200'000));
    EXPECT_EQ(parse_duration("7d"), milliseconds(604'800'000));
}

TEST(Duration, RefusesEverythingElse) {
    for (const std::string_view text :
         {"", "s", "-1", "+1", "1 s", "1y", "1.2.3", "1e3", "nan", "inf", "99999999999"})
        EXPECT_THROW(static_cast<void>(parse_duration(text)), InvalidValue) << text;
}

TEST(Bytes, HaveUnits) {
    EXPECT_EQ(parse_bytes("0"), 0U);
    EXPECT_EQ(parse_bytes("1048576"), 1'048'576U);
    EXPECT_EQ(parse_bytes("512K"), 524'288U);
    EXPECT_EQ(parse_bytes("1.5KiB"), 1'536U);
    EXPECT_EQ(parse_bytes("10M"), 10'485'760U);
    EXPECT_EQ(parse_bytes("2GiB"), 2'147'483'648U);
    EXPECT_EQ(parse_bytes("1T"), 1'099'511'627'776U);
}

TEST(Bytes, RefuseEverythingElse) {
    for (const std::string_view text : {"", "K", "-1", "1 K", "1k", "1X", "1e30", "99999999999T"})
        EXPECT_THROW(static_cast<void>(parse_bytes(text)), InvalidValue) << text;
}

}  // namespace
}  // namespace eventbus
