#include "eventbus/bus/consumer_run.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "eventbus/bus/json_string.hpp"

namespace eventbus {

namespace {

/// How long one poll waits when nothing else bounds it; it does not poll busily meanwhile.
constexpr std::chrono::milliseconds longest_poll{60'000};

/// Limits may be as good as none; no clock overflows by this one.
constexpr std::chrono::milliseconds longest_limit = std::chrono::hours{24 * 365};

// An error that is not the event's, but the consumer's.
void rethrow_what_must_end(const HandlingReport& report) {
    for (const HandlerResult& result : report.handlers) {
        if (!result.error) continue;
        try {
            std::rethrow_exception(result.error);
        } catch (const ConsumerMustEnd&) {
            throw;
        } catch (...) {
            continue;
        }
    }
}

bool is_rejection(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const Reject&) {
        return true;
    } catch (...) {
        return false;
    }
}

std::vector<Failure> failures_of(const HandlingReport& report) {
    std::vector<Failure> failures;
    const Timestamp time = now();
    if (report.unusable) failures.push_back({FailureReason::unusable, {}, *report.unusable, 1, time, time});
    for (const HandlerResult& result : report.handlers)
        if (result.error)
            failures.push_back({is_rejection(result.error) ? FailureReason::rejected : FailureReason::failed,
                                result.name, error_text(result.error), 1, time, time});
    return failures;
}

std::string seconds(std::chrono::milliseconds time) {
    return std::to_string(time.count() / 1000) + "." + std::to_string(time.count() / 100 % 10) + " s";
}

}  // namespace

ConsumerRun::ConsumerRun(Bus& bus, const ConsumeOptions& options, FailurePolicy& failures,
                         std::stop_token stop)
    : bus_(bus), options_(options), failures_(failures), stop_(std::move(stop)) {
    if (options_.until_idle) until_idle_ = std::min(*options_.until_idle, longest_limit);
}

bool ConsumerRun::join(const SubscribeOptions& subscription) {
    if (stop_.stop_requested()) return false;
    const auto broker = bus_.consumer_broker();
    return try_until_stop("join the group", [&] { subscription_ = broker->subscribe(subscription); });
}

ConsumeResult ConsumerRun::work(const SubscribeOptions& subscription) {
    const auto stop_timeout =
        options_.stop_timeout.value_or(bus_.settings().get(setting::CONSUMER_STOP_TIMEOUT));
    StopWatchdog watchdog(bus_, std::min(stop_timeout, longest_limit), options_.on_overdue);
    const std::stop_callback on_stop(stop_, [&] {
        watchdog.start();
        subscription_->wake();
    });
    try {
        handle_events(subscription.prefetch, watchdog);
        acknowledge();
    } catch (...) {
        watchdog.working_on(nullptr);
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
    rethrow_what_must_end(report);
    if (const auto failures = failures_of(report); !failures.empty())
        failures_.settle(bus_, {event, failures, options_.group});
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
        bus_.log(LogLevel::warning,
                 "events that are handled could not be acknowledged and will be handed out again: " +
                     one_line(error.what()));
    }
}

void ConsumerRun::leave() noexcept {
    try {
        subscription_->close();
    } catch (const std::exception& error) {
        bus_.log(LogLevel::warning,
                 "cannot leave the group in order, others will notice: " + one_line(error.what()));
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
    if (!until_idle_) return longest_poll;
    const auto left = *until_idle_ - (Clock::now() - idle_since_);
    return std::clamp(std::chrono::ceil<std::chrono::milliseconds>(left), std::chrono::milliseconds{0},
                      longest_poll);
}

bool ConsumerRun::is_idle() {
    if (!until_idle_ || Clock::now() - idle_since_ < *until_idle_) return false;
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
                         one_line(error.what()));
            if (stops) return false;
            backoff_.wait(stop_);
        }
    }
}

}  // namespace eventbus
