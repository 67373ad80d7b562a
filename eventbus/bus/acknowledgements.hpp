#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <vector>

#include "eventbus/broker/subscription.hpp"
#include "eventbus/bus/broker_calls.hpp"

namespace eventbus {

/// Events that are finished and not acknowledged yet. They are acknowledged together, as each time costs the
/// broker a commit; what a crash catches here is handled again. Thread-safe.
class Acknowledgements {
  public:
    /// How long a finished event may wait while others are handled.
    static constexpr std::chrono::milliseconds longest_wait{20};

    /// All must outlive it.
    Acknowledgements(const Bus& bus, Subscription& subscription, BrokerCalls calls)
        : bus_(bus), subscription_(subscription), calls_(std::move(calls)) {}

    /// What `receipt` points to must stay.
    void add(const Receipt& receipt);
    [[nodiscard]] bool is_due() const;
    [[nodiscard]] bool empty() const;

    /// Acknowledges what was added; failures that may pass are tried again until a stop is asked for, and
    /// then logged. Throws those that do not; nothing is forgotten then.
    void flush();
    /// The same once, for when the consumer ends with an error: what goes wrong is logged.
    void flush_before_failing() noexcept;

  private:
    using Clock = std::chrono::steady_clock;
    [[nodiscard]] std::vector<Receipt> take();
    void give_back(const std::vector<Receipt>& receipts);
    void tell_observers(std::size_t count) const;

    const Bus& bus_;
    Subscription& subscription_;
    /// Held while acknowledging, so that a failure is met by one thread at a time.
    std::mutex flushing_;
    BrokerCalls calls_;
    mutable std::mutex mutex_;
    std::vector<Receipt> receipts_;
    /// When they are to be acknowledged; never when there are none.
    std::atomic<Clock::time_point> due_ = Clock::time_point::max();
};

}  // namespace eventbus
