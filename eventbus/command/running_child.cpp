#include "eventbus/command/running_child.hpp"

#include <system_error>
#include <utility>

#include "eventbus/command/exit_code.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

[[noreturn]] void fail_over() {
    throw CommandError(ExitCode::overdue, "the handler program was killed, as the consumer ends");
}

}  // namespace

RunningChild::~RunningChild() {
    if (child_) child_->kill();
}

Child& RunningChild::start(const std::string& command, ChildPipes pipes,
                           std::function<void(const ChildEnd&)> ended) {
    const std::scoped_lock lock(mutex_);
    if (over_) fail_over();
    try {
        auto child = std::make_unique<Child>(command, pipes);
        if (ended) watch_ = std::jthread([&child = *child, told = std::move(ended)] { told(child.wait()); });
        child_ = std::move(child);
    } catch (const std::system_error& error) {
        throw CommandError(ExitCode::handler_program,
                           "the handler program " + quote(command) + " cannot be run: " + error.what());
    }
    return *child_;
}

ChildEnd RunningChild::end(std::chrono::milliseconds patience) {
    const ChildEnd end = child_->end(patience);
    if (watch_.joinable()) watch_.join();
    const std::scoped_lock lock(mutex_);
    child_.reset();
    return end;
}

void RunningChild::throw_if_over() {
    const std::scoped_lock lock(mutex_);
    if (over_) fail_over();
}

void RunningChild::kill_for_good() noexcept {
    const std::scoped_lock lock(mutex_);
    over_ = true;
    if (child_) child_->kill();
}

}  // namespace eventbus
