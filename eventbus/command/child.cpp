#include "eventbus/command/child.hpp"

#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>

namespace eventbus {

namespace {

void check(int error, const char* what) {
    if (error != 0) throw std::system_error(error, std::generic_category(), what);
}

// How a process starts: its streams, no other file, its own group, and signals as if nobody had touched them.
class SpawnPlan {
  public:
    SpawnPlan() {
        check(::posix_spawn_file_actions_init(&files_), "a child's files");
        check(::posix_spawnattr_init(&attributes_), "a child's attributes");
    }
    SpawnPlan(const SpawnPlan&) = delete;
    SpawnPlan& operator=(const SpawnPlan&) = delete;
    ~SpawnPlan() {
        ::posix_spawn_file_actions_destroy(&files_);
        ::posix_spawnattr_destroy(&attributes_);
    }

    void give(const Descriptor& descriptor, int stream) {
        if (descriptor.is_open())
            check(::posix_spawn_file_actions_adddup2(&files_, descriptor.get(), stream), "a child's stream");
    }

    pid_t spawn(const std::string& command) {
        constexpr int after_standard_streams = 3;
        check(::posix_spawn_file_actions_addclosefrom_np(&files_, after_standard_streams), "a child's files");
        sigset_t none{};
        sigemptyset(&none);
        sigset_t defaults{};
        sigemptyset(&defaults);
        for (const int signal : {SIGPIPE, SIGXFSZ, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD})
            sigaddset(&defaults, signal);
        check(::posix_spawnattr_setpgroup(&attributes_, 0), "a child's group");
        check(::posix_spawnattr_setsigmask(&attributes_, &none), "a child's signals");
        check(::posix_spawnattr_setsigdefault(&attributes_, &defaults), "a child's signals");
        check(::posix_spawnattr_setflags(
                  &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF),
              "a child's attributes");
        std::string shell = "sh";
        std::string option = "-c";
        std::string text = command;
        const std::array<char*, 4> words{shell.data(), option.data(), text.data(), nullptr};
        pid_t id = -1;
        check(::posix_spawn(&id, "/bin/sh", &files_, &attributes_, words.data(), environ),
              "/bin/sh cannot be started");
        return id;
    }

  private:
    posix_spawn_file_actions_t files_{};
    posix_spawnattr_t attributes_{};
};

// The header of glibc 2.36 for this call does not link in C++.
Descriptor open_process(pid_t id) { return Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, id, 0))); }

ChildEnd end_of(const siginfo_t& info) {
    if (info.si_code == CLD_EXITED) return {info.si_status, 0};
    return {0, info.si_status};
}

}  // namespace

std::string ChildEnd::text() const {
    if (signal == 0) return "exit code " + std::to_string(exit_code);
    const char* name = ::sigdescr_np(signal);
    return "signal " + std::to_string(signal) + (name == nullptr ? "" : " (" + std::string(name) + ")");
}

Child::Child(const std::string& command, ChildPipes pipes) {
    Pipe in = make_pipe();
    Pipe out = pipes.out ? make_pipe() : Pipe{};
    Pipe err = pipes.err ? make_pipe() : Pipe{};
    SpawnPlan plan;
    plan.give(in.read_end, STDIN_FILENO);
    plan.give(out.write_end, STDOUT_FILENO);
    plan.give(err.write_end, STDERR_FILENO);
    in_ = std::move(in.write_end);
    out_ = std::move(out.read_end);
    err_ = std::move(err.read_end);
    for (const Descriptor* pipe : {&in_, &out_, &err_})
        if (pipe->is_open()) stop_blocking(*pipe);
    id_ = plan.spawn(command);
    process_ = open_process(id_);
    if (!process_.is_open()) {
        const int error = errno;
        kill();
        static_cast<void>(::waitpid(id_, nullptr, 0));
        check(error, "a child cannot be watched (pidfd_open)");
    }
}

Child::~Child() {
    kill();
    static_cast<void>(wait());
}

std::optional<ChildEnd> Child::ended() {
    const std::scoped_lock lock(mutex_);
    if (end_) return end_;
    siginfo_t info{};
    const int done = ::waitid(P_PID, static_cast<id_t>(id_), &info, WEXITED | WNOHANG);
    if (done == 0 && info.si_pid == id_) end_ = end_of(info);
    // Somebody else waited for it: how it ended is lost.
    if (done != 0 && errno == ECHILD) end_ = ChildEnd{1, 0};
    return end_;
}

std::optional<ChildEnd> Child::wait_for_end(std::chrono::milliseconds limit) {
    using Clock = std::chrono::steady_clock;
    const auto until = Clock::now() + limit;
    for (;;) {
        if (const auto end = ended()) return end;
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
        if (limit.count() >= 0 && left.count() <= 0) return std::nullopt;
        pollfd wait{process_.get(), POLLIN, 0};
        static_cast<void>(::poll(&wait, 1, limit.count() < 0 ? -1 : static_cast<int>(left.count()) + 1));
    }
}

ChildEnd Child::wait() { return wait_for_end(std::chrono::milliseconds(-1)).value_or(ChildEnd{}); }

ChildEnd Child::end(std::chrono::milliseconds patience) {
    in_.close();
    if (const auto end = wait_for_end(patience)) return *end;
    signal_group(SIGTERM);
    if (const auto end = wait_for_end(patience)) return *end;
    kill();
    return wait();
}

void Child::kill() noexcept { signal_group(SIGKILL); }

// Under the lock, so that the number cannot belong to another process by now.
void Child::signal_group(int signal) noexcept {
    const std::scoped_lock lock(mutex_);
    if (!end_) static_cast<void>(::kill(-id_, signal));
}

}  // namespace eventbus
