#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "eventbus/bus/bus.hpp"

namespace eventbus {

/// Tells when a consumer that was asked to stop has not come to an end in time. Its thread starts when the
/// stop is asked for, not before.
class StopWatchdog {
  public:
    StopWatchdog(const Bus& bus, std::chrono::milliseconds limit, std::function<void()> on_overdue)
        : bus_(bus), limit_(limit), on_overdue_(std::move(on_overdue)) {}
    StopWatchdog(const StopWatchdog&) = delete;
    StopWatchdog& operator=(const StopWatchdog&) = delete;
    /// The consumer has come to its end.
    ~StopWatchdog();

    /// The stop is asked for; the time runs from here. From any thread.
    void start() noexcept;

    /// What is handled from now on, for the log; null for nothing. It must stay until the next call.
    void working_on(const ReceivedEvent* event);

  private:
    void watch();
    [[nodiscard]] std::string overdue_text() const;

    const Bus& bus_;
    const std::chrono::milliseconds limit_;
    const std::function<void()> on_overdue_;

    std::mutex mutex_;
    std::condition_variable ended_changed_;
    bool ended_ = false;
    const ReceivedEvent* event_ = nullptr;
    std::thread thread_;
};

}  // namespace eventbus
