#include "eventbus/event/forks.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>

namespace eventbus {

namespace {

class Thing final : public ClosedByFork {
  public:
    Thing() {
        const NoFork no_fork;
        opened();
    }
    Thing(const Thing&) = delete;
    Thing& operator=(const Thing&) = delete;
    ~Thing() override {
        const NoFork no_fork;
        closed();
    }
    void close_in_child() noexcept override { closed_by_fork = true; }

    bool closed_by_fork = false;
};

/// Forks, and returns what `act` returned in the child.
int in_child(const std::function<int()>& act) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(act());
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Forks, TheChildHasAnotherGeneration) {
    const unsigned mine = fork_generation();
    EXPECT_EQ(in_child([&] { return fork_generation() != mine ? 1 : 0; }), 1);
    EXPECT_EQ(fork_generation(), mine);
}

TEST(Forks, TheChildClosesWhatIsOpen) {
    const Thing open;
    auto ended = std::make_unique<Thing>();
    ended.reset();
    EXPECT_EQ(in_child([&] { return open.closed_by_fork ? 1 : 0; }), 1);
    EXPECT_FALSE(open.closed_by_fork);
}

TEST(Forks, TheChildOfAChildIsOneToo) {
    EXPECT_EQ(in_child([] {
                  const Thing open;
                  return in_child([&] { return open.closed_by_fork ? 1 : 0; });
              }),
              1);
}

TEST(Forks, AForkWaitsForOtherThreads) {
    std::atomic<bool> inside = false;
    std::atomic<bool> left = false;
    std::thread other([&] {
        const NoFork no_fork;
        inside = true;
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        left = true;
    });
    while (!inside) std::this_thread::yield();
    EXPECT_EQ(in_child([&] { return left ? 1 : 0; }), 1);
    other.join();
}

TEST(Forks, AForkWaitsForLongWorkAndLetsOthersGoOnMeanwhile) {
    std::atomic<bool> at_work = false;
    std::atomic<bool> fork_asked = false;
    std::atomic<bool> done = false;
    std::thread worker([&] {
        const LongNoFork work;
        at_work = true;
        while (!fork_asked) std::this_thread::yield();
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        std::thread another([] { const NoFork inside; });
        another.join();
        done = true;
    });
    while (!at_work) std::this_thread::yield();
    fork_asked = true;
    EXPECT_EQ(in_child([&] { return done ? 1 : 0; }), 1);
    worker.join();
}

TEST(Forks, AThreadMayForkDuringItsOwnLongWork) {
    const LongNoFork work;
    const LongNoFork again;
    EXPECT_EQ(in_child([] {
                  const NoFork in_the_child;
                  return in_child([] { return 7; });
              }),
              7);
}

TEST(Forks, LongWorkIsPossibleAgainAfterAFork) {
    EXPECT_EQ(in_child([] {
                  const LongNoFork work;
                  return 7;
              }),
              7);
    std::thread([] { const LongNoFork work; }).join();
}

TEST(Forks, AThreadMayForkWhileItHoldsOneItself) {
    const NoFork no_fork;
    const NoFork again;
    EXPECT_EQ(in_child([] {
                  const NoFork in_the_child;
                  return in_child([] { return 7; });
              }),
              7);
}

}  // namespace

}  // namespace eventbus
