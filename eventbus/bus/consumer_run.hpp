#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "eventbus/bus/acknowledgements.hpp"
#include "eventbus/bus/broker_calls.hpp"
#include "eventbus/bus/consumer.hpp"
#include "eventbus/bus/event_lanes.hpp"
#include "eventbus/bus/handler_watch.hpp"
#include "eventbus/bus/handling.hpp"
#include "eventbus/bus/heartbeat.hpp"
#include "eventbus/bus/key_order.hpp"
#include "eventbus/bus/redrive_intake.hpp"
#include "eventbus/bus/worker_pool.hpp"

namespace eventbus {

/// One run of a consumer, from joining the group to leaving it. One thread polls; with one worker the same
/// thread handles the events, else a pool does.
class ConsumerRun {
  public:
    /// All must outlive it.
    ConsumerRun(Bus& bus, const ConsumeOptions& options, const SubscribeOptions& subscription,
                FailurePolicy& failures, std::stop_token stop);

    /// Joins the group; false when a stop was asked for before that was possible.
    [[nodiscard]] bool join();
    /// Works until the end, acknowledges what is done, and leaves.
    ConsumeResult work();

  private:
    using Clock = std::chrono::steady_clock;

    void work_alone(HandlerWatch::Worker& worker);
    /// Handles the event now, or puts it behind one of its key that waits.
    void handle_or_queue(HeldEvent& held, HandlerWatch::Worker& worker);
    /// Tries those again whose time has come, and gives the batches that are due.
    void handle_due(HandlerWatch::Worker& worker);
    void handle_batches(HandlerWatch::Worker& worker);
    void after_each();
    [[nodiscard]] std::size_t held() const { return lanes_.size() + batches_.size(); }
    void work_together(HandlerWatch& watch, std::size_t workers);
    void feed(WorkerPool& pool, const HandlerWatch& watch);
    void leave() noexcept;

    /// What came in time; nothing when a stop was asked for.
    [[nodiscard]] std::optional<std::vector<ReceivedEvent>> poll();
    /// Of a dead-letter topic it is the record as it came.
    [[nodiscard]] HeldEvent hold(ReceivedEvent&& event) const;
    /// Makes it what is to handle. False for a record of the dead letters that is for nobody: it is done
    /// with.
    [[nodiscard]] bool take_in(HeldEvent& held);
    [[nodiscard]] bool take_in_redriven(HeldEvent& held);

    /// As many events as wanted were taken in.
    [[nodiscard]] bool has_all() const { return options_.count && taken_ >= *options_.count; }
    [[nodiscard]] std::size_t events_to_ask_for() const;
    [[nodiscard]] std::chrono::milliseconds time_to_wait() const;
    void wait_until_due() const;
    /// Nothing came for as long as `until_idle` says, and nothing is left to do.
    [[nodiscard]] bool is_idle();

    Bus& bus_;
    const ConsumeOptions& options_;
    const SubscribeOptions& subscribed_;
    /// The stop that was asked for, and the end that a failure on one of the threads means for all.
    std::stop_source ending_;
    std::stop_callback<std::function<void()>> on_stop_;
    std::stop_token stop_;
    std::optional<std::chrono::milliseconds> until_idle_;
    BrokerCalls calls_;
    Heartbeat heartbeat_;
    ErrorStreak errors_;
    std::unique_ptr<KeyOrder> order_;
    Handling handling_;
    RedriveIntake redriven_;
    std::unique_ptr<Subscription> subscription_;
    std::optional<Acknowledgements> done_;
    /// Of the one worker; a pool has its own.
    EventLanes lanes_;
    Batches batches_;
    std::uint64_t taken_ = 0;
    Clock::time_point idle_since_;
};

}  // namespace eventbus
