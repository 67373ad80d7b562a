#include "eventbus/bus/stop_watchdog.hpp"

#include <exception>
#include <utility>

namespace eventbus {

StopWatchdog::~StopWatchdog() {
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
    }
    ended_changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void StopWatchdog::start() noexcept {
    try {
        const std::lock_guard lock(mutex_);
        if (!ended_ && !thread_.joinable()) thread_ = std::thread([this] { watch(); });
    } catch (const std::exception& error) {
        bus_.log(LogLevel::warning,
                 std::string("nobody watches how long the consumer takes to stop: ") + error.what());
    }
}

void StopWatchdog::working_on(const ReceivedEvent* event) {
    const std::lock_guard lock(mutex_);
    event_ = event;
}

void StopWatchdog::watch() {
    std::unique_lock lock(mutex_);
    if (ended_changed_.wait_for(lock, limit_, [this] { return ended_; })) return;
    const std::string text = overdue_text();
    lock.unlock();
    bus_.log(LogLevel::error, text);
    if (!on_overdue_) return;
    try {
        on_overdue_();
    } catch (const std::exception& error) {
        bus_.log(LogLevel::error, std::string("what shall end an overdue consumer failed: ") + error.what());
    }
}

// With the lock held, so that the event stays.
std::string StopWatchdog::overdue_text() const {
    std::string text = "the consumer has not stopped within " + std::to_string(limit_.count()) + " ms: ";
    if (event_ == nullptr) return text + "the broker does not answer";
    return text + "it is still handling " + event_->metadata.event_type + " " +
           event_->metadata.id.to_string() + ", topic " + event_->topic.str() + ", partition " +
           std::to_string(static_cast<std::int32_t>(event_->position.partition)) + ", position " +
           event_->position_text;
}

}  // namespace eventbus
