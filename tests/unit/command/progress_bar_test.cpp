#include "eventbus/command/progress_bar.hpp"

#include <gmock/gmock.h>

namespace eventbus {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(RenderProgress, ShowsTheShareDone) {
    const std::string line = render_progress({12'345, 450, 1'000, milliseconds(2'000)}, 100);
    EXPECT_THAT(line, HasSubstr("[##################                      ]  45%"));
    EXPECT_THAT(line, HasSubstr("12,345 events  6,172/s"));
    EXPECT_THAT(line, HasSubstr("2 s left"));
}

TEST(RenderProgress, HasNoBarWithoutAnEnd) {
    const std::string line = render_progress({1'234'567, 450, std::nullopt, milliseconds(1'000)}, 100);
    EXPECT_EQ(line, "1,234,567 events  1,234,567/s");
}

TEST(RenderProgress, FitsTheTerminal) {
    for (std::size_t width = 1; width < 120; ++width)
        EXPECT_LE(render_progress({12'345, 450, 1'000, milliseconds(2'000)}, width).size(), width);
}

TEST(RenderProgress, BearsTheBeginningAndTheEnd) {
    EXPECT_THAT(render_progress({0, 0, 1'000, milliseconds(0)}, 80), HasSubstr("]   0%"));
    EXPECT_THAT(render_progress({0, 0, 0, milliseconds(0)}, 80), HasSubstr("]   0%"));
    const std::string done = render_progress({10, 1'000, 1'000, milliseconds(5'000)}, 80);
    EXPECT_THAT(done, HasSubstr("] 100%"));
    EXPECT_THAT(done, HasSubstr("0 s left"));
    EXPECT_THAT(render_progress({10, 2'000, 1'000, milliseconds(5'000)}, 80), HasSubstr("] 100%"));
}

TEST(RenderProgress, TellsLongTimesInLargerUnits) {
    EXPECT_THAT(render_progress({1, 1, 1'000, milliseconds(1'000)}, 80), HasSubstr("16 min left"));
    EXPECT_THAT(render_progress({1, 1, 100'000, milliseconds(1'000)}, 80), HasSubstr("27 h left"));
}

TEST(RenderProgress, LeavesTheBarOutWhereItHasNoRoom) {
    EXPECT_THAT(render_progress({10, 500, 1'000, milliseconds(5'000)}, 30), Not(HasSubstr("[")));
}

}  // namespace
}  // namespace eventbus
