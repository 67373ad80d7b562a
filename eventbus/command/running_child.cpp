#include "eventbus/command/running_child.hpp"

#include <system_error>

#include "eventbus/command/exit_code.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

[[noreturn]] void fail_over() {
    throw CommandError(ExitCode::overdue, "the handler program was killed, as the consumer ends");
}

}  // namespace

Child& RunningChild::start(const std::string& command, ChildPipes pipes) {
    const std::scoped_lock lock(mutex_);
    if (over_) fail_over();
    try {
        child_ = std::make_unique<Child>(command, pipes);
    } catch (const std::system_error& error) {
        throw CommandError(ExitCode::handler_program,
                           "the handler program " + quote(command) + " cannot be run: " + error.what());
    }
    return *child_;
}

ChildEnd RunningChild::end(std::chrono::milliseconds patience) {
    const ChildEnd end = child_->end(patience);
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
