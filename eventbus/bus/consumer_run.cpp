#include "eventbus/bus/consumer_run.hpp"

#include <algorithm>
#include <condition_variable>
#include <list>
#include <mutex>
#include <string>
#include <utility>

#include "eventbus/bus/event_text.hpp"
#include "eventbus/bus/json_string.hpp"
#include "eventbus/bus/stop_watchdog.hpp"
#include "eventbus/event/longest_limit.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

/// How long one poll waits when nothing else bounds it; it does not poll busily meanwhile.
constexpr std::chrono::milliseconds longest_poll{60'000};

std::optional<std::chrono::milliseconds> time_limit_of(const Bus& bus, const ConsumeOptions& options) {
    const auto limit =
        options.handler_time_limit.value_or(bus.settings().get(setting::CONSUMER_HANDLER_TIME_LIMIT));
    if (limit.count() == 0) return std::nullopt;
    return std::min(limit, longest_limit);
}

LogSink log_of(const Bus& bus) {
    return [&bus](LogLevel level, std::string_view text) { bus.log(level, text); };
}

std::unique_ptr<KeyOrder> key_order_of(const Bus& bus, const ConsumeOptions& options,
                                       const SubscribeOptions& subscription) {
    const bool keeps = options.keep_key_order.value_or(bus.settings().get(setting::CONSUMER_KEEP_KEY_ORDER));
    if (!keeps) return nullptr;
    return std::make_unique<KeyOrder>(bus.consumer_broker(), subscription.topics, subscription.group);
}

Batches::WishOf batch_wishes(const Bus& bus) {
    return [&bus](const std::string& type, const std::string& handler) {
        return Batches::Wish{bus.handler_options(type, handler).batch, bus.takes_all_types(type, handler)};
    };
}

HandlerWatch::Report overtime_report(const Bus& bus) {
    return
        [&bus](const ReceivedEvent& event, std::string_view handler, HandlerWatch::Clock::duration so_far) {
            const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(so_far);
            bus.log(LogLevel::warning, "handler " + quote(handler) + " takes longer than it may, " +
                                           std::to_string(time.count()) + " ms so far, on " + name_of(event) +
                                           " of topic " + event.topic.str() + ", position " +
                                           event.position_text);
            for (const auto& observer : bus.observers()) observer->overtime(event, handler, so_far);
        };
}

}  // namespace

ConsumerRun::ConsumerRun(Bus& bus, const ConsumeOptions& options, const SubscribeOptions& subscription,
                         FailurePolicy& failures, std::stop_token stop)
    : bus_(bus),
      options_(options),
      subscribed_(subscription),
      on_stop_(std::move(stop), [this] { ending_.request_stop(); }),
      stop_(ending_.get_token()),
      calls_(bus, options.group, stop_),
      heartbeat_(heartbeat_options(bus.settings(), log_of(bus))),
      errors_(bus.consumer_broker()->consumer_limits().consecutive_errors),
      order_(key_order_of(bus, options, subscription)),
      handling_(bus, options, failures, errors_, order_.get()),
      redriven_(bus.consumer_broker(), subscription.besides, log_of(bus)),
      batches_(batch_wishes(bus)) {
    if (options_.until_idle) until_idle_ = std::min(*options_.until_idle, longest_limit);
}

bool ConsumerRun::join() {
    if (stop_.stop_requested()) return false;
    const auto broker = bus_.consumer_broker();
    if (!calls_.until_stop("join the group", [&] { subscription_ = broker->subscribe(subscribed_); }))
        return false;
    done_.emplace(bus_, *subscription_, BrokerCalls(bus_, options_.group, stop_));
    return true;
}

ConsumeResult ConsumerRun::work() {
    const std::size_t workers = workers_of(bus_, options_);
    HandlerWatch watch(workers, time_limit_of(bus_, options_), overtime_report(bus_));
    StopWatchdog watchdog(bus_, watch, options_.stop_timeout, options_.on_overdue);
    const std::stop_callback on_stop(stop_, [&] {
        watchdog.start();
        subscription_->wake();
    });
    try {
        idle_since_ = Clock::now();
        if (workers == 1) {
            work_alone(watch.worker(0));
        } else {
            work_together(watch, workers);
        }
        done_->flush();
    } catch (...) {
        done_->flush_before_failing();
        leave();
        throw;
    }
    leave();
    return handling_.result();
}

void ConsumerRun::work_alone(HandlerWatch::Worker& worker) {
    while (!stop_.stop_requested()) {
        heartbeat_.beat();
        errors_.check();
        handle_due(worker);
        done_->flush();
        if (has_all()) {
            if (held() == 0) return;
            wait_until_due();
            continue;
        }
        auto events = poll();
        if (!events || (events->empty() && is_idle())) return;
        for (ReceivedEvent& event : *events) {
            if (stop_.stop_requested()) return;
            HeldEvent one = hold(std::move(event));
            if (take_in(one)) handle_or_queue(one, worker);
            if (held() != 0) handle_due(worker);
        }
        if (!events->empty()) idle_since_ = Clock::now();
        done_->flush();
    }
}

void ConsumerRun::handle_or_queue(HeldEvent& held, HandlerWatch::Worker& worker) {
    if (lanes_.is_occupied(held.event)) {
        std::list<HeldEvent> behind;
        behind.push_back(std::move(held));
        return lanes_.add(std::move(behind));
    }
    const Handling::Outcome outcome = handling_.try_once(held, worker);
    if (outcome.kind == Handling::Outcome::again) {
        lanes_.add_put_off(std::move(held), outcome.due);
    } else if (outcome.kind == Handling::Outcome::batches) {
        batches_.add(std::move(held), Clock::now());
    } else {
        done_->add(held.receipt);
    }
    after_each();
}

void ConsumerRun::handle_due(HandlerWatch::Worker& worker) {
    while (!stop_.stop_requested()) {
        EventLanes::Lane* lane = lanes_.take(Clock::now());
        if (lane == nullptr) break;
        HeldEvent& first = EventLanes::first(*lane);
        const Handling::Outcome outcome = handling_.try_once(first, worker);
        if (outcome.kind == Handling::Outcome::again) {
            lanes_.put_off(*lane, outcome.due);
        } else {
            if (outcome.kind == Handling::Outcome::finished) done_->add(first.receipt);
            std::list<HeldEvent> taken;
            lanes_.finish(*lane, taken);
            if (outcome.kind == Handling::Outcome::batches)
                batches_.add(std::move(taken.front()), Clock::now());
        }
        after_each();
    }
    if (batches_.size() != 0) handle_batches(worker);
}

void ConsumerRun::handle_batches(HandlerWatch::Worker& worker) {
    while (!stop_.stop_requested()) {
        auto job = batches_.take(Clock::now());
        if (!job) return;
        handling_.try_batch(*job, worker);
        for (HeldEvent& held : batches_.finish(std::move(*job), Clock::now())) {
            handling_.finish(held);
            done_->add(held.receipt);
        }
        after_each();
        idle_since_ = Clock::now();
    }
}

void ConsumerRun::after_each() {
    if (done_->is_due()) done_->flush();
    heartbeat_.beat();
}

void ConsumerRun::work_together(HandlerWatch& watch, std::size_t workers) {
    // A thread that waits for the broker is not waited for when the consumer fails.
    const auto end = [this] { ending_.request_stop(); };
    WorkerPool pool(workers, handling_, batch_wishes(bus_), watch, *done_, stop_, end);
    try {
        feed(pool, watch);
    } catch (...) {
        end();
        throw;
    }
    pool.stop();
    pool.rethrow_failure();
}

void ConsumerRun::feed(WorkerPool& pool, const HandlerWatch& watch) {
    while (!stop_.stop_requested() && !pool.has_failed()) {
        if (watch.longest_call() < heartbeat_.timeout()) heartbeat_.beat();
        errors_.check();
        if (has_all()) return pool.wait_until_idle();
        auto events = poll();
        if (!events) return;
        if (!events->empty() || !pool.is_idle()) idle_since_ = Clock::now();
        if (events->empty() && is_idle()) return;
        std::list<HeldEvent> held;
        for (ReceivedEvent& event : *events) {
            held.push_back(hold(std::move(event)));
            if (!take_in(held.back())) held.pop_back();
        }
        pool.add(std::move(held));
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

std::optional<std::vector<ReceivedEvent>> ConsumerRun::poll() {
    std::vector<ReceivedEvent> events;
    const bool polled = calls_.until_stop(
        "read", [&] { events = subscription_->poll(events_to_ask_for(), time_to_wait()); },
        [&](const BrokerError& error) {
            heartbeat_.beat();
            errors_.add_error(error.what());
            errors_.check();
        });
    if (!polled) return std::nullopt;
    const bool needs_order = order_ && !events.empty();
    if (needs_order && !calls_.until_stop("read the dead letters", [&] { order_->refresh(); }))
        return std::nullopt;
    return events;
}

HeldEvent ConsumerRun::hold(ReceivedEvent&& event) const {
    auto topic = std::ranges::find(subscribed_.topics, event.topic);
    const bool is_dead_letter = topic == subscribed_.topics.end();
    if (is_dead_letter) topic = std::ranges::find(subscribed_.besides, event.topic);
    const Position position = event.position;
    return {.event = std::move(event), .receipt = {&*topic, position}, .redriven = is_dead_letter};
}

bool ConsumerRun::take_in(HeldEvent& held) {
    if (held.redriven && !take_in_redriven(held)) return false;
    ++taken_;
    return true;
}

bool ConsumerRun::take_in_redriven(HeldEvent& held) {
    std::optional<Redriven> redriven;
    const bool known =
        calls_.until_stop("read the dead letters", [&] { redriven = redriven_.take(held.event); });
    if (!known) return false;
    if (!redriven) {
        done_->add(held.receipt);
        return false;
    }
    held.event = std::move(redriven->event);
    if (!redriven->handler.empty()) held.only.push_back(std::move(redriven->handler));
    return true;
}

std::size_t ConsumerRun::events_to_ask_for() const {
    if (!options_.count) return subscribed_.prefetch;
    return static_cast<std::size_t>(std::min<std::uint64_t>(subscribed_.prefetch, *options_.count - taken_));
}

std::chrono::milliseconds ConsumerRun::time_to_wait() const {
    const Clock::time_point now = Clock::now();
    Clock::time_point until = now + heartbeat_.longest_pause().value_or(longest_poll);
    if (until_idle_ && held() == 0) until = std::min(until, idle_since_ + *until_idle_);
    if (const auto due = next_due(lanes_, batches_)) until = std::min(until, *due);
    return std::max(std::chrono::ceil<std::chrono::milliseconds>(until - now), std::chrono::milliseconds{0});
}

void ConsumerRun::wait_until_due() const {
    const auto due = next_due(lanes_, batches_);
    if (!due) return;
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_until(lock, stop_, *due, [] { return false; });
}

bool ConsumerRun::is_idle() {
    if (!until_idle_ || held() != 0 || Clock::now() - idle_since_ < *until_idle_) return false;
    std::uint64_t lag = 0;
    bool is_joining = false;
    const bool known = calls_.until_stop("ask how far the group is", [&] {
        lag = 0;
        is_joining = subscription_->is_joining();
        for (const PartitionLag& partition : subscription_->lag()) lag += partition.events;
    });
    // Events that cannot be had at this moment are waited for as long again.
    idle_since_ = Clock::now();
    return known && lag == 0 && !is_joining;
}

}  // namespace eventbus
