#include "eventbus/bus/error_streak.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "fixture.hpp"

namespace eventbus::bus_test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(ErrorStreak, EndsTheConsumerWhenTheLimitIsReached) {
    ErrorStreak streak(3);
    streak.check();
    streak.add_error("first");
    streak.add_error("second");
    streak.check();
    streak.add_error("no tea");
    EXPECT_THAT(message_of<TooManyErrors>([&] { streak.check(); }),
                AllOf(HasSubstr("3 errors in a row"), HasSubstr("no tea")));
    EXPECT_THROW(streak.check(), ConsumerMustEnd);
}

TEST(ErrorStreak, ASuccessBeginsAnew) {
    ErrorStreak streak(2);
    for (int i = 0; i < 5; ++i) {
        streak.add_error("x");
        streak.check();
        streak.add_success();
    }
    streak.add_error("x");
    streak.add_error("x");
    EXPECT_THROW(streak.check(), TooManyErrors);
    streak.add_success();
    streak.check();
}

TEST(ErrorStreak, HasNoEndWithoutALimit) {
    ErrorStreak streak(0);
    for (int i = 0; i < 1000; ++i) streak.add_error("x");
    streak.check();
}

TEST(ErrorStreak, CountsWhatSeveralThreadsMeet) {
    ErrorStreak streak(4000);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int error = 0; error < 1000; ++error) streak.add_error("x");
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_THROW(streak.check(), TooManyErrors);
    ErrorStreak other(4001);
    for (int error = 0; error < 4000; ++error) other.add_error("x");
    other.check();
}

}  // namespace
}  // namespace eventbus::bus_test
