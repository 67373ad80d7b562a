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

/// How far a replay is.
struct ReplayProgress {
    /// Events read, whether they were taken or passed over.
    std::uint64_t read = 0;
    /// Events that were stored between the two places when the replay began.
    std::uint64_t total = 0;
    /// Events given to the handlers so far.
    std::uint64_t events = 0;
};

/// What to replay, and what of it.
struct ReplayOptions {
    /// Without prefix. It must exist.
    std::string topic = {};
    StartAt from = Earliest{};
    /// Ends before the event that a reader from there would begin with: before a time, with the event of an
    /// id. It never goes on beyond what is stored when it begins.
    StartAt to = Latest{};
    /// The event types to take, each as `Catalogue::resolve` takes it; all when empty.
    std::vector<std::string> types = {};
    /// The keys to take (EventKey::text); all, and events without a key, when empty.
    std::vector<std::string> keys = {};
    /// Ends after so many events that were taken, handled or not.
    std::optional<std::uint64_t> count = {};
    /// What becomes of events that a handler failed on or that could not be given to their handlers;
    /// LogFailures when null. What it throws ends the replay.
    std::shared_ptr<FailurePolicy> failures = {};
    /// Called before the first event, after each, and at the end. When empty nothing is counted beforehand,
    /// which spares a look through the topic.
    std::function<void(const ReplayProgress&)> on_progress = {};
    /// How long the event at hand may go on after a stop was asked for; EVENT_BUS_CONSUMER_STOP_TIMEOUT.
    std::optional<std::chrono::milliseconds> stop_timeout = {};
    /// As ConsumeOptions::on_overdue.
    std::function<void()> on_overdue = {};
};

/// What a replay did.
struct ReplayResult {
    /// Events read, whether they were taken or passed over.
    std::uint64_t read = 0;
    /// Events that no handler failed on; of a dry run, those that would have been given to the handlers.
    std::uint64_t handled = 0;
    /// Events that a handler failed on.
    std::uint64_t failed = 0;
    /// Events that could not be given to their handlers.
    std::uint64_t unusable = 0;
    /// It came to its end; false when it was asked to stop before.
    bool complete = false;
    /// The last event that was given to the handlers.
    std::optional<Position> last = {};
    /// Its ReceivedEvent::position_text.
    std::string last_position_text = {};

    [[nodiscard]] std::uint64_t events() const { return handled + failed + unusable; }
};

/// Gives events that are stored to the handlers of this process again, and leaves every consumer group alone:
/// no position is moved and nothing is acknowledged. Each event is given once, one at a time, in the order of
/// each partition; one that fails is not tried again.
class Replay {
  public:
    /// Checks the options: throws InvalidValue for a topic's name that cannot be and for a type that the
    /// catalogue does not have, SettingsError when no consumer is configured. `bus` must outlive it.
    Replay(Bus& bus, ReplayOptions options);

    /// Works until all is replayed, `count` is reached or a stop is asked for; then it finishes the event at
    /// hand. Failures of the broker that may pass are logged and tried again, others are thrown as
    /// BrokerError; NotFound when there is no such topic, InvalidValue for an id that is no position of it.
    ReplayResult run(std::stop_token stop = {});

    /// Counts what `run` would give to the handlers now, and gives it to nobody.
    ReplayResult dry_run(std::stop_token stop = {});

  private:
    Bus& bus_;
    ReplayOptions options_;
    TopicName topic_;
    /// Event types to take; all when empty.
    std::vector<std::string_view> types_;
};

}  // namespace eventbus
