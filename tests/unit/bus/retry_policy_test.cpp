#include "eventbus/bus/retry_policy.hpp"

#include <gtest/gtest.h>

namespace eventbus::bus_test {
namespace {

using std::chrono::milliseconds;

TEST(RetryPolicyTest, PausesDoubleUpToTheLongest) {
    const RetryPolicy policy{
        .most_tries = 9, .first_pause = milliseconds{100}, .longest_pause = milliseconds{1'000}};
    EXPECT_EQ(policy.pause(1, 1), milliseconds{100});
    EXPECT_EQ(policy.pause(2, 1), milliseconds{200});
    EXPECT_EQ(policy.pause(4, 1), milliseconds{800});
    EXPECT_EQ(policy.pause(5, 1), milliseconds{1'000});
    EXPECT_EQ(policy.pause(4'000'000'000, 1), milliseconds{1'000});
}

TEST(RetryPolicyTest, ChanceTakesUpToAFifth) {
    const RetryPolicy policy{
        .most_tries = 9, .first_pause = milliseconds{100}, .longest_pause = milliseconds{1'000}};
    EXPECT_EQ(policy.pause(1, 0), milliseconds{80});
    EXPECT_EQ(policy.pause(1, 0.5), milliseconds{90});
    EXPECT_EQ(policy.pause(9, 0), milliseconds{800});
}

TEST(RetryPolicyTest, NoPauseIsNone) {
    const RetryPolicy policy{.most_tries = 9, .first_pause = {}, .longest_pause = milliseconds{1'000}};
    EXPECT_EQ(policy.pause(7, 1), milliseconds{0});
}

}  // namespace
}  // namespace eventbus::bus_test
