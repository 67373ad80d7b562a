#include "eventbus/bus/batches.hpp"

#include <algorithm>
#include <utility>

namespace eventbus {

namespace {

// Gives all that are tried again the longest of their pauses, and returns it.
std::chrono::milliseconds come_together(std::vector<Batches::Entry>& entries) {
    std::chrono::milliseconds longest{0};
    for (const Batches::Entry& entry : entries) longest = std::max(longest, entry.again.value_or(longest));
    for (Batches::Entry& entry : entries)
        if (entry.again) entry.again = longest;
    return longest;
}

}  // namespace

std::optional<Batches::Time> Batches::Queue::due() const {
    if (is_taken_ || (new_.empty() && again_.empty())) return std::nullopt;
    if (new_.size() >= options_.most) return not_before_;
    Time first = Time::max();
    if (!new_.empty()) first = new_.front().due;
    if (!again_.empty()) first = std::min(first, again_.begin()->first);
    return std::max(first, not_before_);
}

Batches::Job Batches::Queue::take(Time now) {
    Job job{.queue = this, .handler = handler_, .entries = {}};
    while (!again_.empty() && again_.begin()->first <= now && job.entries.size() < options_.most) {
        job.entries.push_back(std::move(again_.begin()->second));
        again_.erase(again_.begin());
    }
    while (!new_.empty() && job.entries.size() < options_.most) {
        job.entries.push_back(std::move(new_.front()));
        new_.pop_front();
    }
    is_taken_ = true;
    return job;
}

void Batches::add(HeldEvent held, Time now) {
    const auto event = std::make_shared<Waiting>(Waiting{std::move(held), 0});
    event->handlers_left = event->held.batch_handlers.size();
    ++size_;
    for (const std::string& handler : event->held.batch_handlers) {
        Queue& queue = queue_of(event->held.event.metadata.event_type, handler);
        const Timestamp time = eventbus::now();
        queue.new_.push_back({.event = event,
                              .failure = {FailureReason::failed, handler, {}, 0, time, time},
                              .due = now + queue.options_.longest_wait});
    }
}

Batches::Queue& Batches::queue_of(const std::string& type, const std::string& handler) {
    const Wish wish = wish_of_(type, handler);
    return queues_.try_emplace({wish.any_type ? std::string() : type, handler}, handler, wish.options)
        .first->second;
}

std::optional<Batches::Job> Batches::take(Time now) {
    for (auto& [name, queue] : queues_)
        if (const auto due = queue.due(); due && *due <= now) return queue.take(now);
    return std::nullopt;
}

std::vector<HeldEvent> Batches::finish(Job job, Time now) {
    std::vector<HeldEvent> done;
    Queue& queue = *job.queue;
    queue.is_taken_ = false;
    if (job.has_thrown) queue.not_before_ = now + come_together(job.entries);
    for (Entry& entry : job.entries) {
        if (entry.again) {
            const Time due = now + *std::exchange(entry.again, std::nullopt);
            queue.again_.emplace(due, std::move(entry));
        } else if (--entry.event->handlers_left == 0) {
            done.push_back(std::move(entry.event->held));
            --size_;
        }
    }
    return done;
}

std::optional<Batches::Time> Batches::next_due() const {
    std::optional<Time> next;
    for (const auto& [name, queue] : queues_)
        if (const auto due = queue.due(); due && (!next || *due < *next)) next = due;
    return next;
}

std::optional<Batches::Time> next_due(const EventLanes& lanes, const Batches& batches) {
    const auto lane = lanes.next_due();
    const auto batch = batches.next_due();
    if (!lane || !batch) return lane ? lane : batch;
    return std::min(*lane, *batch);
}

}  // namespace eventbus
