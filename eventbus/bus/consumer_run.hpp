#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>
#include <vector>

#include "eventbus/bus/acknowledgements.hpp"
#include "eventbus/bus/backoff.hpp"
#include "eventbus/bus/consumer.hpp"
#include "eventbus/bus/stop_watchdog.hpp"

namespace eventbus {

/// One run of a consumer, from joining the group to leaving it.
class ConsumerRun {
  public:
    /// All must outlive it.
    ConsumerRun(Bus& bus, const ConsumeOptions& options, FailurePolicy& failures, std::stop_token stop);

    /// Joins the group; false when a stop was asked for before that was possible.
    [[nodiscard]] bool join(const SubscribeOptions& subscription);
    /// Works until the end, acknowledges what is done, and leaves.
    ConsumeResult work(const SubscribeOptions& subscription);

  private:
    using Clock = std::chrono::steady_clock;

    void handle_events(std::size_t prefetch, StopWatchdog& watchdog);
    void handle(const ReceivedEvent& event, StopWatchdog& watchdog);
    void acknowledge();
    void acknowledge_before_failing() noexcept;
    void leave() noexcept;

    [[nodiscard]] bool is_over() const;
    [[nodiscard]] std::size_t events_to_ask_for(std::size_t prefetch) const;
    [[nodiscard]] std::chrono::milliseconds time_to_wait() const;
    /// Nothing came for as long as `until_idle` says, and nothing is left to do.
    [[nodiscard]] bool is_idle();

    /// Calls until it succeeds; false when a stop was asked for and it still fails. Failures that do not pass
    /// are thrown.
    template <class Call>
    bool try_until_stop(std::string_view what, const Call& call);

    Bus& bus_;
    const ConsumeOptions& options_;
    FailurePolicy& failures_;
    std::stop_token stop_;
    Backoff backoff_;
    std::unique_ptr<Subscription> subscription_;
    /// Held until all that is done of them is acknowledged.
    std::vector<ReceivedEvent> events_;
    Acknowledgements done_;
    Clock::time_point idle_since_;
    ConsumeResult result_;
};

}  // namespace eventbus
