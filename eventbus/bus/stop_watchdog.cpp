#include "eventbus/bus/stop_watchdog.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "eventbus/bus/json_string.hpp"
#include "eventbus/event/longest_limit.hpp"

namespace eventbus {

StopWatchdog::StopWatchdog(const Bus& bus, const HandlerWatch& watch,
                           std::optional<std::chrono::milliseconds> limit, std::function<void()> on_overdue)
    : bus_(bus),
      handlers_(watch),
      limit_(std::min(limit.value_or(bus.settings().get(setting::CONSUMER_STOP_TIMEOUT)), longest_limit)),
      on_overdue_(std::move(on_overdue)) {}

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

void StopWatchdog::watch() {
    std::unique_lock lock(mutex_);
    if (ended_changed_.wait_for(lock, limit_, [this] { return ended_; })) return;
    const std::string text = overdue_text();
    lock.unlock();
    bus_.log(LogLevel::error, text);
    if (!on_overdue_) return;
    try {
        on_overdue_();
    } catch (...) {
        bus_.log(LogLevel::error, "what shall end an overdue consumer failed: " +
                                      one_line(error_text(std::current_exception())));
    }
}

std::string StopWatchdog::overdue_text() const {
    const std::string events = handlers_.events();
    return "the consumer has not stopped within " + std::to_string(limit_.count()) +
           " ms: " + (events.empty() ? "the broker does not answer" : "it is still handling " + events);
}

}  // namespace eventbus
