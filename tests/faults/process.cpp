#include "process.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <thread>
#include <utility>

namespace eventbus::faults {

Process::Process(const std::vector<std::string>& command) {
    std::vector<std::string> words = command;
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    // Held back from its birth on until the program is ready to end well.
    sigset_t term;
    ::sigemptyset(&term);
    ::sigaddset(&term, SIGTERM);
    sigset_t before;
    ::pthread_sigmask(SIG_BLOCK, &term, &before);
    process_ = ::fork();
    if (process_ != 0) ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (process_ < 0) throw std::runtime_error("cannot fork");
    if (process_ == 0) {
        ::setpgid(0, 0);
        // Nobody is left behind when the test itself is killed.
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::execv(arguments[0], arguments.data());
        ::_exit(127);
    }
}

Process::Process(Process&& other) noexcept
    : process_(std::exchange(other.process_, 0)), status_(other.status_) {}

Process& Process::operator=(Process&& other) noexcept {
    std::swap(process_, other.process_);
    std::swap(status_, other.status_);
    return *this;
}

Process::~Process() { kill(); }

void Process::pause() const {
    if (process_ > 0) ::kill(process_, SIGSTOP);
}

void Process::resume() const {
    if (process_ > 0) ::kill(process_, SIGCONT);
}

void Process::kill() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, &status_, 0);
    process_ = 0;
}

int Process::stop() {
    if (process_ > 0) ::kill(process_, SIGTERM);
    return wait();
}

int Process::wait() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (is_running()) {
        if (std::chrono::steady_clock::now() > deadline) {
            kill();
            return -1;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1;
}

bool Process::is_running() {
    if (process_ > 0 && ::waitpid(process_, &status_, WNOHANG) != 0) process_ = 0;
    return process_ > 0;
}

}  // namespace eventbus::faults
