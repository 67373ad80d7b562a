#include "eventbus/bus/acknowledgements.hpp"

#include <string>
#include <utility>

#include "eventbus/bus/json_string.hpp"

namespace eventbus {

void Acknowledgements::add(const Receipt& receipt) {
    const std::lock_guard lock(mutex_);
    if (receipts_.empty()) due_.store(Clock::now() + longest_wait, std::memory_order_relaxed);
    receipts_.push_back(receipt);
}

bool Acknowledgements::is_due() const { return Clock::now() >= due_.load(std::memory_order_relaxed); }

bool Acknowledgements::empty() const {
    const std::lock_guard lock(mutex_);
    return receipts_.empty();
}

void Acknowledgements::flush() {
    const std::lock_guard flushing(flushing_);
    const std::vector<Receipt> receipts = take();
    if (receipts.empty()) return;
    bool done = false;
    try {
        done = calls_.until_stop("acknowledge", [&] { subscription_.acknowledge(receipts); });
    } catch (...) {
        give_back(receipts);
        throw;
    }
    if (done) return tell_observers(receipts.size());
    bus_.log(LogLevel::warning, std::to_string(receipts.size()) +
                                    " events that are handled could not be acknowledged before the stop; "
                                    "they will be handed out again");
}

// What is thrown already says what matters; this must not hide it.
void Acknowledgements::flush_before_failing() noexcept {
    try {
        const std::lock_guard flushing(flushing_);
        const std::vector<Receipt> receipts = take();
        if (receipts.empty()) return;
        subscription_.acknowledge(receipts);
        tell_observers(receipts.size());
    } catch (const std::exception& error) {
        bus_.log(LogLevel::warning,
                 "events that are handled could not be acknowledged and will be handed out again: " +
                     one_line(error.what()));
    }
}

std::vector<Receipt> Acknowledgements::take() {
    const std::lock_guard lock(mutex_);
    due_.store(Clock::time_point::max(), std::memory_order_relaxed);
    std::vector<Receipt> receipts;
    // The next batch is mostly as large.
    receipts.reserve(receipts_.size());
    receipts.swap(receipts_);
    return receipts;
}

void Acknowledgements::give_back(const std::vector<Receipt>& receipts) {
    const std::lock_guard lock(mutex_);
    if (receipts_.empty()) due_.store(Clock::now() + longest_wait, std::memory_order_relaxed);
    receipts_.insert(receipts_.end(), receipts.begin(), receipts.end());
}

void Acknowledgements::tell_observers(std::size_t count) const {
    for (const auto& observer : bus_.observers()) observer->acknowledged(count);
}

}  // namespace eventbus
