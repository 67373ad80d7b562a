#include "eventbus/bus/handling.hpp"

#include <algorithm>
#include <utility>

#include "eventbus/bus/event_text.hpp"
#include "eventbus/bus/failure_policy.hpp"
#include "eventbus/bus/json_string.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

using Clock = std::chrono::steady_clock;

// What a try that failed says of the event, or of the consumer.
FailureReason reason_of(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const ConsumerMustEnd&) {
        throw;
    } catch (const Reject&) {
        return FailureReason::rejected;
    } catch (...) {
        return FailureReason::failed;
    }
}

RetryPolicy retry_of(const Bus& bus, const ConsumeOptions& options) {
    if (options.retry) return *options.retry;
    const Settings& settings = bus.settings();
    return {static_cast<std::uint32_t>(settings.get(setting::CONSUMER_MAX_TRIES)),
            settings.get(setting::CONSUMER_RETRY_PAUSE), settings.get(setting::CONSUMER_RETRY_LONGEST_PAUSE)};
}

std::vector<std::string> due_handlers(const HeldEvent& held) {
    if (!held.tried) return held.only;
    const auto now = Clock::now();
    std::vector<std::string> due;
    for (const PendingHandler& pending : held.pending)
        if (pending.due <= now) due.push_back(pending.failure.handler);
    return due;
}

bool is_given_up(const HeldEvent& held, std::string_view handler) {
    return std::ranges::any_of(held.given_up,
                               [handler](const Failure& failure) { return failure.handler == handler; });
}

bool was_called(const HandlingReport& report, std::string_view handler) {
    return std::ranges::any_of(report.handlers,
                               [handler](const HandlerResult& result) { return result.name == handler; });
}

std::string first_error(const HandlingReport& report) {
    for (const HandlerResult& result : report.handlers)
        if (result.error) return error_text(result.error);
    return report.unusable.value_or(std::string());
}

auto pending_of(HeldEvent& held, std::string_view handler) {
    return std::ranges::find_if(
        held.pending, [handler](const PendingHandler& each) { return each.failure.handler == handler; });
}

void note_deferred(HeldEvent& held, const HandlingReport& report) {
    for (const HandlerResult& result : report.handlers)
        if (result.is_deferred) held.batch_handlers.push_back(result.name);
}

}  // namespace

Handling::Handling(Bus& bus, const ConsumeOptions& options, FailurePolicy& failures, ErrorStreak& errors,
                   KeyOrder* order)
    : bus_(bus),
      group_(options.group),
      inbox_(options.inbox.get()),
      retry_(retry_of(bus, options)),
      failures_(failures),
      errors_(errors),
      order_(order),
      random_(std::random_device{}()) {}

Handling::Outcome Handling::try_once(HeldEvent& held, HandlerWatch::Worker& worker, BatchHandlers batches) {
    errors_.check();
    if (is_parked(held)) {
        settle(held);
        return {Outcome::finished};
    }
    const Names due = due_handlers(held);
    worker.working_on(held.event);
    const HandlingReport report = bus_.handle(held.event, {.only = due,
                                                           .inbox = inbox_,
                                                           .group = group_,
                                                           .calls = &worker,
                                                           .defers_batches = batches == BatchHandlers::left});
    note_deferred(held, report);
    const bool is_plain = !held.tried && held.only.empty() && report.succeeded();
    if (!is_plain) note(held, due, report);
    if (!held.pending.empty())
        return {Outcome::again, std::ranges::min_element(held.pending, {}, &PendingHandler::due)->due};
    if (!held.batch_handlers.empty()) {
        // The next event of its key goes on, and by then it must be among the dead letters.
        if (!held.given_up.empty()) settle(held);
        return {Outcome::batches};
    }
    finish(held);
    return {Outcome::finished};
}

void Handling::finish(HeldEvent& held) {
    if (!held.given_up.empty()) return settle(held);
    if (held.settled) return;
    handled_.fetch_add(1, std::memory_order_relaxed);
    errors_.add_success();
}

void Handling::try_batch(Batches::Job& job, HandlerWatch::Worker& worker) {
    errors_.check();
    worker.working_on(job.entries.front().event->held.event);
    std::vector<const ReceivedEvent*> events;
    for (const Batches::Entry& entry : job.entries) events.push_back(&entry.event->held.event);
    const BatchResults results = bus_.handle_batch(job.handler, events, &worker);
    job.has_thrown = results.has_thrown();
    for (std::size_t i = 0; i < job.entries.size(); ++i) {
        const auto& error = results.errors()[i];
        if (!error) continue;
        Batches::Entry& entry = job.entries[i];
        entry.again = count_try(entry.event->held, entry.failure, error);
        if (!entry.again) entry.event->held.given_up.push_back(entry.failure);
        errors_.add_error(entry.failure.error);
    }
}

void Handling::note(HeldEvent& held, const Names& wanted, const HandlingReport& report) {
    if (report.unusable && !is_given_up(held, {})) {
        const Timestamp time = now();
        held.given_up.push_back({FailureReason::unusable, {}, *report.unusable, 1, time, time});
    }
    for (const HandlerResult& result : report.handlers) {
        if (result.error) {
            note_failure(held, result);
        } else if (const auto pending = pending_of(held, result.name); pending != held.pending.end()) {
            held.pending.erase(pending);
        }
    }
    if (!report.unusable) note_missing(held, wanted, report);
    held.tried = true;
    if (!report.succeeded()) errors_.add_error(first_error(report));
}

void Handling::note_failure(HeldEvent& held, const HandlerResult& result) {
    auto pending = pending_of(held, result.name);
    if (pending == held.pending.end()) {
        const Timestamp time = now();
        held.pending.push_back({{FailureReason::failed, result.name, {}, 0, time, time}, {}});
        pending = std::prev(held.pending.end());
    }
    if (const auto wait = count_try(held, pending->failure, result.error)) {
        pending->due = Clock::now() + *wait;
    } else {
        held.given_up.push_back(std::move(pending->failure));
        held.pending.erase(pending);
    }
}

std::optional<std::chrono::milliseconds> Handling::count_try(const HeldEvent& held, Failure& failure,
                                                             const std::exception_ptr& error) {
    failure.reason = reason_of(error);
    failure.error = error_text(error);
    failure.last_try = now();
    ++failure.tries;
    const RetryPolicy policy = policy_of(held, failure.handler);
    if (failure.reason == FailureReason::rejected || failure.tries >= policy.most_tries) return std::nullopt;
    const auto wait = pause(policy, failure.tries);
    bus_.log(LogLevel::warning, "handler " + quote(failure.handler) + " failed on " + name_of(held.event) +
                                    " of topic " + held.event.topic.str() + ", position " +
                                    held.event.position_text + " (try " + std::to_string(failure.tries) +
                                    " of " + std::to_string(policy.most_tries) + "), and is tried again in " +
                                    std::to_string(wait.count()) + " ms: " + one_line(failure.error));
    return wait;
}

// A handler may have gone since the event was put off, or put among the dead letters, for it.
void Handling::note_missing(HeldEvent& held, const Names& wanted, const HandlingReport& report) const {
    const EventType* type = bus_.catalogue().find(held.event.metadata.event_type);
    const bool is_disabled = type != nullptr && !bus_.is_enabled(*type);
    for (const std::string& handler : wanted) {
        if (was_called(report, handler)) continue;
        const auto pending = pending_of(held, handler);
        const Timestamp time = now();
        Failure failure{FailureReason::rejected, handler, {}, 0, time, time};
        if (pending != held.pending.end()) {
            failure = std::move(pending->failure);
            held.pending.erase(pending);
        }
        if (is_disabled) continue;
        failure.error = "this consumer has no handler " + quote(handler) + " for the event";
        held.given_up.push_back(std::move(failure));
    }
}

RetryPolicy Handling::policy_of(const HeldEvent& held, std::string_view handler) const {
    return bus_.handler_options(held.event.metadata.event_type, handler).retry.value_or(retry_);
}

std::chrono::milliseconds Handling::pause(const RetryPolicy& policy, std::uint32_t tries) {
    const std::lock_guard lock(random_mutex_);
    return policy.pause(tries, std::uniform_real_distribution<double>(0, 1)(random_));
}

bool Handling::is_parked(HeldEvent& held) const {
    if (order_ == nullptr || held.tried || !order_->must_wait(held)) return false;
    const Timestamp time = now();
    const std::string handler = held.only.empty() ? std::string() : held.only.front();
    held.given_up.push_back({FailureReason::parked, handler,
                             "an earlier event of its key is among the dead letters", 0, time, time});
    return true;
}

void Handling::settle(HeldEvent& held) {
    failures_.settle(bus_, {held.event, held.given_up, group_});
    if (order_ != nullptr) order_->refresh(held.event.topic);
    for (const auto& observer : bus_.observers()) observer->gave_up(held.event, held.given_up);
    const bool is_unusable = std::ranges::any_of(
        held.given_up, [](const Failure& failure) { return failure.reason == FailureReason::unusable; });
    held.given_up.clear();
    if (std::exchange(held.settled, true)) return;
    ++(is_unusable ? unusable_ : failed_);
}

ConsumeResult Handling::result() const { return {handled_, failed_, unusable_}; }

}  // namespace eventbus
