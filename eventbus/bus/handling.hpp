#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "eventbus/bus/batches.hpp"
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

    /// What there is left to do with an event.
    struct Outcome {
        enum { finished, again, batches } kind;
        /// Of `again`: when.
        Time due = {};
    };

    /// Whether handlers of batches are left to `try_batch`, or called with a batch of one.
    enum class BatchHandlers { left, called };

    /// Gives the event to the handlers that are due. It is finished when it is handled, or settled by the
    /// failure policy; else it is to be tried again, or its `batch_handlers` are left. Throws what means the
    /// end of the consumer.
    [[nodiscard]] Outcome try_once(HeldEvent& held, HandlerWatch::Worker& worker,
                                   BatchHandlers batches = BatchHandlers::left);
    /// Gives a batch to its handler, and notes in its entries what is to be tried again. Throws as
    /// `try_once`.
    void try_batch(Batches::Job& job, HandlerWatch::Worker& worker);
    /// Finishes an event that no handler is left for.
    void finish(HeldEvent& held);

    [[nodiscard]] ConsumeResult result() const;

  private:
    using Names = std::vector<std::string>;
    void note(HeldEvent& held, const Names& wanted, const HandlingReport& report);
    void note_failure(HeldEvent& held, const HandlerResult& result);
    /// Counts a try that failed. Returns the pause before the next; nothing when it was the last.
    [[nodiscard]] std::optional<std::chrono::milliseconds> count_try(const HeldEvent& held, Failure& failure,
                                                                     const std::exception_ptr& error);
    void note_missing(HeldEvent& held, const Names& wanted, const HandlingReport& report) const;
    [[nodiscard]] RetryPolicy policy_of(const HeldEvent& held, std::string_view handler) const;
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
