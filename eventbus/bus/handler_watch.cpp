#include "eventbus/bus/handler_watch.hpp"

#include <algorithm>
#include <utility>

#include "eventbus/bus/json_string.hpp"

namespace eventbus {

namespace {

constexpr std::chrono::milliseconds shortest_interval{10};
constexpr std::chrono::milliseconds longest_interval{1'000};

}  // namespace

void HandlerWatch::Worker::working_on(const ReceivedEvent* event) {
    const std::lock_guard lock(mutex_);
    event_ = event;
    is_calling_ = false;
}

void HandlerWatch::Worker::begins(std::string_view handler, const HandlerOptions& options) {
    const Clock::time_point now = Clock::now();
    const std::lock_guard lock(mutex_);
    handler_ = handler;
    limit_ = options.time_limit ? options.time_limit : watch_.limit_;
    since_ = now;
    is_calling_ = true;
    is_reported_ = false;
}

void HandlerWatch::Worker::ends() {
    const Clock::time_point now = Clock::now();
    const std::lock_guard lock(mutex_);
    look(now);
    is_calling_ = false;
}

bool HandlerWatch::Worker::is_over(Clock::time_point now) const {
    return is_calling_ && !is_reported_ && limit_ && now - since_ > *limit_;
}

// With the lock held, so that the event and the handler's name stay.
void HandlerWatch::Worker::look(Clock::time_point now) {
    if (!is_over(now) || event_ == nullptr) return;
    is_reported_ = true;
    watch_.report_(*event_, handler_, now - since_);
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
        if (worker.event_ == nullptr) continue;
        const ReceivedEvent& event = *worker.event_;
        if (!text.empty()) text += "; ";
        text += one_line(event.metadata.event_type) + " " + event.metadata.id.to_string() + ", topic " +
                event.topic.str() + ", partition " +
                std::to_string(static_cast<std::int32_t>(event.position.partition)) + ", position " +
                event.position_text;
    }
    return text;
}

HandlerWatch::Clock::duration HandlerWatch::longest_call() const {
    const Clock::time_point now = Clock::now();
    Clock::duration longest{0};
    for (Worker& worker : workers_) {
        const std::lock_guard lock(worker.mutex_);
        if (worker.is_calling_) longest = std::max(longest, now - worker.since_);
    }
    return longest;
}

}  // namespace eventbus
