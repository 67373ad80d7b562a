#include "eventbus/bus/consumer_run.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace eventbus {

namespace {

/// How long one poll waits when nothing else bounds it; it does not poll busily meanwhile.
constexpr std::chrono::milliseconds longest_poll{60'000};

std::string seconds(std::chrono::milliseconds time) {
    return std::to_string(time.count() / 1000) + "." + std::to_string(time.count() / 100 % 10) + " s";
}

}  // namespace

ConsumerRun::ConsumerRun(Bus& bus, const ConsumeOptions& options, FailurePolicy& failures,
                         std::stop_token stop)
    : bus_(bus), options_(options), failures_(failures), stop_(std::move(stop)) {}

bool ConsumerRun::join(const SubscribeOptions& subscription) {
    if (stop_.stop_requested()) return false;
    const auto broker = bus_.consumer_broker();
    return try_until_stop("join the group", [&] { subscription_ = broker->subscribe(subscription); });
}

ConsumeResult ConsumerRun::work(const SubscribeOptions& subscription) {
    StopWatchdog watchdog(bus_,
                          options_.stop_timeout.value_or(bus_.settings().get(setting::CONSUMER_STOP_TIMEOUT)),
                          options_.on_overdue);
    const std::stop_callback on_stop(stop_, [&] {
        watchdog.start();
        subscription_->wake();
    });
    try {
        handle_events(subscription.prefetch, watchdog);
        acknowledge();
    } catch (...) {
        acknowledge_before_failing();
        leave();
        throw;
    }
    leave();
    return result_;
}

void ConsumerRun::handle_events(std::size_t prefetch, StopWatchdog& watchdog) {
    idle_since_ = Clock::now();
    while (!is_over()) {
        const bool polled = try_until_stop(
            "read", [&] { events_ = subscription_->poll(events_to_ask_for(prefetch), time_to_wait()); });
        if (!polled || (events_.empty() && is_idle())) return;
        for (const ReceivedEvent& event : events_) {
            if (is_over()) return;
            handle(event, watchdog);
            if (done_.is_due()) acknowledge();
            idle_since_ = Clock::now();
        }
        acknowledge();
    }
}

void ConsumerRun::handle(const ReceivedEvent& event, StopWatchdog& watchdog) {
    watchdog.working_on(&event);
    const HandlingReport report = bus_.handle(event);
    if (!report.succeeded()) failures_.settle(bus_, {event, report, options_.group});
    watchdog.working_on(nullptr);
    std::uint64_t& count = report.unusable   ? result_.unusable
                           : report.failed() ? result_.failed
                                             : result_.handled;
    ++count;
    done_.add(event);
}

void ConsumerRun::acknowledge() {
    if (done_.empty()) return;
    const std::size_t count = done_.receipts().size();
    if (!try_until_stop("acknowledge", [&] { subscription_->acknowledge(done_.receipts()); })) {
        bus_.log(LogLevel::warning, std::to_string(count) +
                                        " events that are handled could not be acknowledged before the stop; "
                                        "they will be handed out again");
        return done_.clear();
    }
    done_.clear();
    for (const auto& observer : bus_.observers()) observer->acknowledged(count);
}

// What is thrown already says what matters; this must not hide it.
void ConsumerRun::acknowledge_before_failing() noexcept {
    if (done_.empty()) return;
    try {
        subscription_->acknowledge(done_.receipts());
        for (const auto& observer : bus_.observers()) observer->acknowledged(done_.receipts().size());
    } catch (const std::exception& error) {
        bus_.log(
            LogLevel::warning,
            std::string("events that are handled could not be acknowledged and will be handed out again: ") +
                error.what());
    }
}

void ConsumerRun::leave() noexcept {
    try {
        subscription_->close();
    } catch (const std::exception& error) {
        bus_.log(LogLevel::warning,
                 std::string("cannot leave the group in order, others will notice: ") + error.what());
    }
}

bool ConsumerRun::is_over() const {
    return stop_.stop_requested() || (options_.count && result_.events() >= *options_.count);
}

std::size_t ConsumerRun::events_to_ask_for(std::size_t prefetch) const {
    if (!options_.count) return prefetch;
    return static_cast<std::size_t>(std::min<std::uint64_t>(prefetch, *options_.count - result_.events()));
}

std::chrono::milliseconds ConsumerRun::time_to_wait() const {
    if (!options_.until_idle) return longest_poll;
    const auto left = *options_.until_idle - (Clock::now() - idle_since_);
    return std::clamp(std::chrono::ceil<std::chrono::milliseconds>(left), std::chrono::milliseconds{0},
                      longest_poll);
}

bool ConsumerRun::is_idle() {
    if (!options_.until_idle || Clock::now() - idle_since_ < *options_.until_idle) return false;
    std::uint64_t lag = 0;
    const bool known = try_until_stop("ask how far the group is", [&] {
        lag = 0;
        for (const PartitionLag& partition : subscription_->lag()) lag += partition.events;
    });
    // Events that cannot be had at this moment are waited for as long again.
    idle_since_ = Clock::now();
    return known && lag == 0;
}

template <class Call>
bool ConsumerRun::try_until_stop(std::string_view what, const Call& call) {
    for (;;) {
        try {
            call();
            backoff_.reset();
            return true;
        } catch (const BrokerError& error) {
            if (!error.retriable()) throw;
            const bool stops = stop_.stop_requested();
            bus_.log(LogLevel::warning,
                     "group " + options_.group + " cannot " + std::string(what) +
                         (stops ? "" : ", and tries again in " + seconds(backoff_.next())) + ": " +
                         error.what());
            if (stops) return false;
            backoff_.wait(stop_);
        }
    }
}

}  // namespace eventbus
