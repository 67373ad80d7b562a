#include "eventbus/command/child.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <thread>

namespace eventbus {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds patience(20'000);

std::string read_all(const Descriptor& from) {
    std::string text;
    for (;;) {
        pollfd wait{from.get(), POLLIN, 0};
        EXPECT_EQ(::poll(&wait, 1, static_cast<int>(patience.count())), 1);
        std::array<char, 512> buffer{};
        const ssize_t got = ::read(from.get(), buffer.data(), buffer.size());
        if (got <= 0) return text;
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

TEST(Child, TellsItsExitCode) {
    Child child("exit 3", {});
    const ChildEnd end = child.end(patience);
    EXPECT_EQ(end.exit_code, 3);
    EXPECT_EQ(end.text(), "exit code 3");
    EXPECT_FALSE(end.succeeded());
}

TEST(Child, TellsTheSignalThatEndedIt) {
    Child child("kill -9 $$", {});
    const ChildEnd end = child.end(patience);
    EXPECT_EQ(end.signal, SIGKILL);
    EXPECT_EQ(end.text(), "signal 9 (Killed)");
    EXPECT_FALSE(end.succeeded());
}

TEST(Child, ReadsItsInputAndWritesItsOutputs) {
    Child child("read line; echo \"out $line\"; echo \"err $line\" >&2", {.out = true, .err = true});
    ASSERT_EQ(::write(child.in().get(), "hello\n", 6), 6);
    EXPECT_EQ(read_all(child.out()), "out hello\n");
    EXPECT_EQ(read_all(child.err()), "err hello\n");
    EXPECT_TRUE(child.end(patience).succeeded());
}

TEST(Child, HasAGroupOfItsOwn) {
    Child child("ps -o pgid= -p $$ | tr -d ' '; echo $$", {.out = true, .err = false});
    const std::string text = read_all(child.out());
    const std::size_t newline = text.find('\n');
    EXPECT_EQ(text.substr(0, newline + 1), text.substr(newline + 1));
}

TEST(Child, InheritsNoFile) {
    const Descriptor open_file(::open("/dev/null", O_RDONLY));  // not closed on exec
    ASSERT_TRUE(open_file.is_open());
    Child child("ls /proc/$$/fd", {.out = true, .err = false});
    // The shell may hold its script's descriptor of its own: none of ours is among them.
    const std::string names = read_all(child.out());
    EXPECT_EQ(names.find("\n" + std::to_string(open_file.get()) + "\n"), std::string::npos) << names;
}

TEST(Child, StartsWithDefaultSignals) {
    const auto before = std::signal(SIGPIPE, SIG_IGN);
    Child child("grep SigIgn /proc/self/status", {.out = true, .err = false});
    const std::string text = read_all(child.out());
    static_cast<void>(std::signal(SIGPIPE, before));
    ASSERT_NE(text.find('\t'), std::string::npos);
    EXPECT_EQ(std::stoull(text.substr(text.find('\t')), nullptr, 16) & (1ULL << (SIGPIPE - 1)), 0U) << text;
}

TEST(Child, EndsWithItsInput) {
    Child child("cat >/dev/null", {});
    EXPECT_TRUE(child.end(patience).succeeded());
}

TEST(Child, IsTerminatedAndThenKilled) {
    Child stubborn("trap '' TERM; while :; do sleep 0.05; done", {.out = true, .err = false});
    EXPECT_EQ(stubborn.end(milliseconds(200)).signal, SIGKILL);
    Child obedient("echo ready; while :; do sleep 0.05; done", {.out = true, .err = false});
    pollfd wait{obedient.out().get(), POLLIN, 0};
    ASSERT_EQ(::poll(&wait, 1, static_cast<int>(patience.count())), 1);
    EXPECT_EQ(obedient.end(milliseconds(50)).signal, SIGTERM);
}

TEST(Child, KillsTheWholeGroup) {
    Child child("sleep 1000 & echo $!; wait", {.out = true, .err = false});
    std::string text;
    while (text.find('\n') == std::string::npos) {
        pollfd wait{child.out().get(), POLLIN, 0};
        ASSERT_EQ(::poll(&wait, 1, static_cast<int>(patience.count())), 1);
        std::array<char, 64> buffer{};
        const ssize_t got = ::read(child.out().get(), buffer.data(), buffer.size());
        ASSERT_GT(got, 0);
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    child.kill();
    // The grandchild held the pipe open: its end shows that it is gone.
    EXPECT_EQ(read_all(child.out()), "");
    EXPECT_EQ(child.end(patience).signal, SIGKILL);
}

TEST(Child, LeavesNoZombie) {
    { const Child child("sleep 1000", {}); }
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
}

TEST(Child, IsKilledFromAnotherThread) {
    Child child("sleep 1000", {});
    std::thread killer([&child] { child.kill(); });
    pollfd wait{child.ended_descriptor(), POLLIN, 0};
    EXPECT_EQ(::poll(&wait, 1, static_cast<int>(patience.count())), 1);
    killer.join();
    EXPECT_EQ(child.ended().value_or(ChildEnd{}).signal, SIGKILL);
}

}  // namespace
}  // namespace eventbus
