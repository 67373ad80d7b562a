#include "child.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <thread>

#include "fixture.hpp"

namespace eventbus::conformance {

namespace {

int run(const std::function<void()>& work) {
    // What failed before is the parent's.
    const bool had_failure = testing::Test::HasFailure();
    try {
        work();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "the child failed: %s\n", error.what());
        return 1;
    }
    return testing::Test::HasFailure() && !had_failure ? 1 : 0;
}

}  // namespace

Baton::Baton() {
    if (::pipe(ends_) != 0) throw std::runtime_error("no pipe");
}

Baton::~Baton() {
    ::close(ends_[0]);
    ::close(ends_[1]);
}

void Baton::pass() const {
    const char token = 'x';
    if (::write(ends_[1], &token, 1) != 1) throw std::runtime_error("cannot write to the pipe");
}

bool Baton::wait() const {
    pollfd readable{ends_[0], POLLIN, 0};
    if (::poll(&readable, 1, static_cast<int>(patience.count())) != 1) return false;
    char token = 0;
    return ::read(ends_[0], &token, 1) == 1;
}

Child::Child(const std::function<void()>& work) : process_(::fork()) {
    if (process_ < 0) throw std::runtime_error("cannot fork");
    if (process_ != 0) return;
    const int code = run(work);
    std::fflush(nullptr);
    ::_exit(code);
}

Child::~Child() { kill(); }

void Child::send(int signal) const { ::kill(process_, signal); }

void Child::kill() {
    if (process_ <= 0) return;
    send(SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
}

int Child::exit_code() {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    int status = 0;
    while (::waitpid(process_, &status, WNOHANG) == 0) {
        if (std::chrono::steady_clock::now() > deadline) return -1;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    process_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace eventbus::conformance
