#include "eventbus/bus/error_streak.hpp"

namespace eventbus {

void ErrorStreak::add_error(std::string_view error) {
    if (limit_ == 0) return;
    const std::lock_guard lock(mutex_);
    ++errors_;
    last_ = error;
}

void ErrorStreak::add_success() {
    if (limit_ == 0) return;
    const std::lock_guard lock(mutex_);
    errors_ = 0;
}

void ErrorStreak::check() const {
    if (limit_ == 0) return;
    const std::lock_guard lock(mutex_);
    if (errors_ < limit_) return;
    throw TooManyErrors(
        "the consumer met " + std::to_string(errors_) +
        " errors in a row, as many as its settings allow; start it afresh. The last one: " + last_);
}

}  // namespace eventbus
