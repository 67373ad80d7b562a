#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "eventbus/bus/consumer.hpp"
#include "eventbus/bus/error_streak.hpp"
#include "eventbus/bus/handler_watch.hpp"
#include "eventbus/bus/held_event.hpp"
#include "eventbus/bus/key_order.hpp"

namespace eventbus {

/// Gives the events that a consumer holds to their handlers: each handler as often as its retry policy says,
/// none again that succeeded. What is given up goes to the failure policy. Thread-safe; an event is tried by
/// one thread at a time.
class Handling {
  public:
    using Time = std::chrono::steady_clock::time_point;

    /// All must outlive it; `order` may be null.
    Handling(Bus& bus, const ConsumeOptions& options, FailurePolicy& failures, ErrorStreak& errors,
             KeyOrder* order = nullptr);

    /// Gives the event to the handlers that are due. Returns when it shall be tried again; nothing when it is
    /// finished: handled, or settled by the failure policy. Throws what means the end of the consumer.
    [[nodiscard]] std::optional<Time> try_once(HeldEvent& held, HandlerWatch::Worker& worker);

    [[nodiscard]] ConsumeResult result() const;

  private:
    using Names = std::vector<std::string>;
    void note(HeldEvent& held, const Names& wanted, const HandlingReport& report);
    void note_failure(HeldEvent& held, const HandlerResult& result);
    void note_missing(HeldEvent& held, const Names& wanted, const HandlingReport& report) const;
    [[nodiscard]] RetryPolicy policy_of(const HeldEvent& held, const std::string& handler) const;
    [[nodiscard]] std::chrono::milliseconds pause(const RetryPolicy& policy, std::uint32_t tries);
    [[nodiscard]] bool is_parked(HeldEvent& held) const;
    void settle(HeldEvent& held);

    Bus& bus_;
    const std::string group_;
    Inbox* const inbox_;
    const RetryPolicy retry_;
    FailurePolicy& failures_;
    ErrorStreak& errors_;
    KeyOrder* const order_;

    std::atomic<std::uint64_t> handled_ = 0;
    std::atomic<std::uint64_t> failed_ = 0;
    std::atomic<std::uint64_t> unusable_ = 0;
    std::mutex random_mutex_;
    std::minstd_rand random_;
};

}  // namespace eventbus
