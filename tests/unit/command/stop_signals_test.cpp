#include "eventbus/command/stop_signals.hpp"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

namespace eventbus {
namespace {

bool waits_for(const std::function<bool()>& condition) {
    for (int i = 0; i < 2000 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return condition();
}

// Runs in a child process, since a second signal ends it; returns how it ended.
int end_of_child(const std::function<void()>& body) {
    const pid_t id = ::fork();
    if (id == 0) {
        body();
        ::_exit(0);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(id, &status, 0), id);
    return status;
}

TEST(StopSignals, TheFirstAsksToStop) {
    for (const int signal : {SIGTERM, SIGINT}) {
        const StopSignals signals;
        EXPECT_FALSE(signals.token().stop_requested());
        EXPECT_EQ(signals.signal(), 0);
        ASSERT_EQ(::raise(signal), 0);
        EXPECT_TRUE(waits_for([&] { return signals.token().stop_requested(); }));
        EXPECT_EQ(signals.signal(), signal);
    }
}

TEST(StopSignals, TheSecondEndsTheProcessAfterTheCleanUp) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const int status = end_of_child([&] {
        StopSignals signals;
        signals.before_abrupt_end([&] { static_cast<void>(!::write(pipe[1], "x", 1)); });
        static_cast<void>(::raise(SIGINT));
        static_cast<void>(waits_for([&] { return signals.token().stop_requested(); }));
        static_cast<void>(::raise(SIGTERM));
        std::this_thread::sleep_for(std::chrono::seconds(20));
    });
    EXPECT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(WTERMSIG(status), SIGTERM);
    ASSERT_EQ(::close(pipe[1]), 0);
    char byte = 0;
    EXPECT_EQ(::read(pipe[0], &byte, 1), 1);
    ::close(pipe[0]);
}

TEST(StopSignals, GivesTheSignalsBack) {
    const int status = end_of_child([] {
        { const StopSignals signals; }
        static_cast<void>(::raise(SIGTERM));
    });
    EXPECT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(WTERMSIG(status), SIGTERM);
}

TEST(StopSignals, LeavesAnIgnoredSignalIgnored) {
    const int status = end_of_child([] {
        static_cast<void>(std::signal(SIGINT, SIG_IGN));
        const StopSignals signals;
        static_cast<void>(::raise(SIGINT));
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        if (signals.token().stop_requested()) ::_exit(1);
    });
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace eventbus
