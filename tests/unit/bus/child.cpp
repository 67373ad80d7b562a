#include "child.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <stdexcept>

#include "fixture.hpp"

namespace eventbus::bus_test {

namespace {

int run(const std::function<void()>& work) {
    try {
        work();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "the child failed: %s\n", error.what());
        return 1;
    }
    return testing::Test::HasFailure() ? 1 : 0;
}

}  // namespace

Child::Child(const std::function<void()>& work) : process_(::fork()) {
    if (process_ < 0) throw std::runtime_error("cannot fork");
    if (process_ == 0) ::_exit(run(work));
}

Child::~Child() { kill(); }

bool Child::succeeded() {
    int status = 0;
    if (!wait_until([&] { return ::waitpid(process_, &status, WNOHANG) == process_; })) return false;
    process_ = -1;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void Child::kill() {
    if (process_ < 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = -1;
}

}  // namespace eventbus::bus_test
