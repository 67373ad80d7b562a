#include "eventbus/redis/wake_up.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace eventbus::redis {

namespace {

using std::chrono::milliseconds;

bool is_called(const WakeUp& wake_up) {
    pollfd watched{wake_up.descriptor(), POLLIN, 0};
    return ::poll(&watched, 1, 0) == 1;
}

TEST(WakeUp, RemembersACallUntilItIsCleared) {
    const WakeUp wake_up;
    EXPECT_FALSE(is_called(wake_up));
    wake_up.call();
    wake_up.call();
    EXPECT_TRUE(is_called(wake_up));
    wake_up.wait(in(milliseconds(60'000)));
    EXPECT_TRUE(is_called(wake_up));
    wake_up.clear();
    EXPECT_FALSE(is_called(wake_up));
    wake_up.clear();
}

TEST(WakeUp, WaitsUntilTheDeadline) {
    const WakeUp wake_up;
    const Deadline deadline = in(milliseconds(20));
    wake_up.wait(deadline);
    EXPECT_GE(std::chrono::steady_clock::now(), deadline);
}

TEST(WakeUp, KeepsTheCallersErrno) {
    const WakeUp wake_up;
    errno = EDOM;
    wake_up.call();
    EXPECT_EQ(errno, EDOM);
}

TEST(WakeUp, AChildThatSeparatesCallsItselfAlone) {
    const WakeUp wake_up;
    const pid_t child = ::fork();
    if (child == 0) {
        wake_up.separate();
        wake_up.call();
        ::_exit(is_called(wake_up) ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_FALSE(is_called(wake_up));
}

}  // namespace

}  // namespace eventbus::redis
