#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "eventbus/bus/bus.hpp"
#include "eventbus/bus/handler_watch.hpp"

namespace eventbus {

/// Tells when a consumer that was asked to stop has not come to an end in time. Its thread starts when the
/// stop is asked for, not before.
class StopWatchdog {
  public:
    /// `watch` must outlive it. An unset `limit` is EVENT_BUS_CONSUMER_STOP_TIMEOUT.
    StopWatchdog(const Bus& bus, const HandlerWatch& watch, std::optional<std::chrono::milliseconds> limit,
                 std::function<void()> on_overdue);
    StopWatchdog(const StopWatchdog&) = delete;
    StopWatchdog& operator=(const StopWatchdog&) = delete;
    /// The consumer has come to its end.
    ~StopWatchdog();

    /// The stop is asked for; the time runs from here. From any thread.
    void start() noexcept;

  private:
    void watch();
    [[nodiscard]] std::string overdue_text() const;

    const Bus& bus_;
    const HandlerWatch& handlers_;
    const std::chrono::milliseconds limit_;
    const std::function<void()> on_overdue_;

    std::mutex mutex_;
    std::condition_variable ended_changed_;
    bool ended_ = false;
    std::thread thread_;
};

}  // namespace eventbus
