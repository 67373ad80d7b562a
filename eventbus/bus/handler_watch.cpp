#include "eventbus/bus/handler_watch.hpp"

#include <algorithm>
#include <utility>

#include "eventbus/bus/event_text.hpp"

namespace eventbus {

namespace {

constexpr std::chrono::milliseconds shortest_interval{10};
constexpr std::chrono::milliseconds longest_interval{1'000};

}  // namespace

void HandlerWatch::Worker::begins(std::string_view handler, const HandlerOptions& options) {
    const Clock::time_point now = Clock::now();
    const std::lock_guard lock(mutex_);
    handler_ = handler;
    limit_ = options.time_limit ? options.time_limit : watch_.limit_;
    since_ = now;
    handled_ = event_;
    is_reported_ = false;
}

void HandlerWatch::Worker::ends() {
    const Clock::time_point now = Clock::now();
    const std::lock_guard lock(mutex_);
    look(now);
    handled_ = nullptr;
}

bool HandlerWatch::Worker::is_over(Clock::time_point now) const {
    return handled_ != nullptr && !is_reported_ && limit_ && now - since_ > *limit_;
}

// With the lock held, so that the event and the handler's name stay.
void HandlerWatch::Worker::look(Clock::time_point now) {
    if (!is_over(now)) return;
    is_reported_ = true;
    watch_.report_(*handled_, handler_, now - since_);
}

HandlerWatch::HandlerWatch(std::size_t workers, std::optional<std::chrono::milliseconds> limit, Report report)
    : limit_(limit), report_(std::move(report)) {
    for (std::size_t i = 0; i < workers; ++i) workers_.emplace_back(*this);
    thread_ = std::thread([this] { watch(); });
}

HandlerWatch::~HandlerWatch() {
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
    }
    ended_changed_.notify_all();
    thread_.join();
}

void HandlerWatch::watch() {
    const auto interval =
        limit_ ? std::clamp(*limit_ / 4, shortest_interval, longest_interval) : longest_interval;
    std::unique_lock lock(mutex_);
    while (!ended_changed_.wait_for(lock, interval, [this] { return ended_; })) {
        for (Worker& worker : workers_) {
            const std::lock_guard worker_lock(worker.mutex_);
            worker.look(Clock::now());
        }
    }
}

std::string HandlerWatch::events() const {
    std::string text;
    for (Worker& worker : workers_) {
        const std::lock_guard lock(worker.mutex_);
        if (worker.handled_ == nullptr) continue;
        if (!text.empty()) text += "; ";
        text += name_of(*worker.handled_) + ", " + place_of(*worker.handled_);
    }
    return text;
}

HandlerWatch::Clock::duration HandlerWatch::longest_call() const {
    const Clock::time_point now = Clock::now();
    Clock::duration longest{0};
    for (Worker& worker : workers_) {
        const std::lock_guard lock(worker.mutex_);
        if (worker.handled_ != nullptr) longest = std::max(longest, now - worker.since_);
    }
    return longest;
}

}  // namespace eventbus
