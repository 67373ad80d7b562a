#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "eventbus/bus/bus.hpp"
#include "eventbus/bus/failure_policy.hpp"

namespace eventbus {

/// What to consume and how. Unset members take the settings' values.
struct ConsumeOptions {
    /// Without prefix; at least one.
    std::vector<std::string> topics = {};
    std::string group = {};
    /// Where a group starts that has no position yet; EVENT_BUS_CONSUMER_START.
    std::optional<StartAt> start = {};
    /// Moves the whole group there before the first run.
    std::optional<StartAt> reset = {};
    /// Name of this member, for people; made up when empty.
    std::string member = {};
    /// As SubscribeOptions::claim_after.
    std::optional<std::chrono::milliseconds> claim_after = {};
    /// The most events held at a time; EVENT_BUS_CONSUMER_PREFETCH.
    std::optional<std::size_t> prefetch = {};
    /// Ends after so many events, handled or not.
    std::optional<std::uint64_t> count = {};
    /// Ends when nothing came for so long and this member has nothing left to do.
    std::optional<std::chrono::milliseconds> until_idle = {};
    /// How long the events that are being handled may go on after a stop was asked for, or after one of
    /// several workers failed; EVENT_BUS_CONSUMER_STOP_TIMEOUT.
    std::optional<std::chrono::milliseconds> stop_timeout = {};
    /// Called once, from a thread of the consumer's, when that time has passed and the consumer has not come
    /// to its end: mostly as a handler still runs, else as the broker does not answer. Neither can be
    /// interrupted: a program ends the process here, and the event is handed out again. The fact is logged in
    /// any case.
    std::function<void()> on_overdue = {};
    /// What becomes of events that are given up; null for dead letters, or LogFailures when
    /// EVENT_BUS_CONSUMER_DEAD_LETTERS is off.
    std::shared_ptr<FailurePolicy> failures = {};
    /// Whether events wait among the dead letters behind an earlier one of their key;
    /// EVENT_BUS_CONSUMER_KEEP_KEY_ORDER. It needs dead letters.
    std::optional<bool> keep_key_order = {};
    /// How many threads handle events; EVENT_BUS_CONSUMER_WORKERS. With one it is the thread that runs the
    /// consumer.
    std::optional<std::size_t> workers = {};
    /// How often handlers are tried that do not say so themselves; EVENT_BUS_CONSUMER_MAX_TRIES,
    /// EVENT_BUS_CONSUMER_RETRY_PAUSE, EVENT_BUS_CONSUMER_RETRY_LONGEST_PAUSE.
    std::optional<RetryPolicy> retry = {};
    /// How long a call of a handler may take that does not say so itself, before it is reported; 0 for any
    /// time. EVENT_BUS_CONSUMER_HANDLER_TIME_LIMIT.
    std::optional<std::chrono::milliseconds> handler_time_limit = {};
    /// Remembers what handlers finished that ask for it (HandlerOptions::inbox). When null and one asks, it
    /// is made as the EVENT_BUS_INBOX_* settings say when the consumer runs.
    std::shared_ptr<Inbox> inbox = {};
};

/// How many threads handle events: what the options say, or else the settings.
[[nodiscard]] std::size_t workers_of(const Bus& bus, const ConsumeOptions& options);

/// What a consumer did.
struct ConsumeResult {
    /// Events that no handler failed on.
    std::uint64_t handled = 0;
    /// Events that a handler failed on.
    std::uint64_t failed = 0;
    /// Events that could not be given to their handlers.
    std::uint64_t unusable = 0;

    [[nodiscard]] std::uint64_t events() const { return handled + failed + unusable; }
};

/// A member of a consumer group at work: reads topics and gives each event to the bus's handlers. Events of
/// one topic and key are handled one after the other, in order; those of different keys at once when there
/// are several workers. A handler that fails is tried again after a pause, while events of other keys go on;
/// the handlers that succeeded are not called again. An event is acknowledged after its handlers finished and
/// its failure, if any, is settled; so each is handled at least once. Events that were handled within some
/// milliseconds are acknowledged together, at the latest when the next one is done; those are handled again
/// when the process dies before.
///
/// It also reads its topics' dead letters of this group, and gives those that are sent on to the handler that
/// they are for.
class Consumer {
  public:
    /// Checks the options: throws InvalidValue for a topic or group name that cannot be, SettingsError when
    /// no consumer is configured. `bus` must outlive it.
    Consumer(Bus& bus, ConsumeOptions options);

    /// Joins the group and works until a stop is asked for, or `count` or `until_idle` is reached. When asked
    /// to stop it finishes the events that it is handling, acknowledges what is done, and leaves the group;
    /// what it has not begun, and what waits to be tried again, goes back at once. Failures of the broker
    /// that may pass are logged and tried again, others are thrown as BrokerError; a start that is no
    /// position of the topic is InvalidValue. What a failure policy throws is passed on, after what was done
    /// before is acknowledged. Run it on one thread at a time; make more consumers for more threads.
    ConsumeResult run(std::stop_token stop = {});

  private:
    Bus& bus_;
    ConsumeOptions options_;
    SubscribeOptions subscription_;
    [[nodiscard]] std::shared_ptr<FailurePolicy> failure_policy(const std::stop_token& stop) const;
};

}  // namespace eventbus
