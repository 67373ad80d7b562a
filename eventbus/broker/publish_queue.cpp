#include "eventbus/broker/publish_queue.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "eventbus/event/error.hpp"
#include "eventbus/event/forks.hpp"
#include "eventbus/event/longest_limit.hpp"

namespace eventbus {

namespace {

std::size_t size_of(const OutgoingEvent& event) {
    std::size_t size = event.payload.size() + event.schema.size();
    if (event.key) size += event.key->text.size();
    if (event.headers != nullptr)
        for (const auto& [name, value] : *event.headers) size += name.size() + value.size();
    return size;
}

}  // namespace

/// What one caller wants stored, in the queue until it is.
struct PublishQueue::Request {
    std::span<const OutgoingEvent> events;
    std::vector<Delivery> deliveries;
    std::condition_variable stored;
    bool done = false;
    std::unique_ptr<EnqueuedEvent> enqueued;
};

/// A copy of an event that must outlive the call it came with.
struct PublishQueue::EnqueuedEvent {
    EnqueuedEvent(const OutgoingEvent& from, DeliveryHandler handler)
        : topic(*from.topic),
          metadata(*from.metadata),
          payload(from.payload.begin(), from.payload.end()),
          schema(from.schema),
          done(std::move(handler)),
          event(from) {
        if (from.key) key = std::string(from.key->text);
        if (from.headers != nullptr) headers = *from.headers;
        event.topic = &topic;
        event.metadata = &metadata;
        event.payload = payload;
        event.schema = schema;
        event.headers = &headers;
        if (key) event.key = EventKey{*key, {}, {}};
    }

    void report(const Delivery& delivery) const {
        if (done) done(delivery);
    }

    TopicName topic;
    EventMetadata metadata;
    std::optional<std::string> key;
    std::vector<std::byte> payload;
    std::string schema;
    Headers headers;
    DeliveryHandler done;
    OutgoingEvent event;
};

/// What waits to be stored, in order, and who is storing it.
struct PublishQueue::Queue {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Request*> requests;
    /// The requests of `enqueue` among them, which nobody else owns.
    std::deque<std::unique_ptr<Request>> enqueued;
    std::uint64_t enqueued_in_all = 0;
    bool has_leader = false;
    std::jthread writer;

    [[nodiscard]] Batch next_batch(const Limits& limits) const {
        Batch batch;
        std::size_t events = 0;
        std::size_t bytes = 0;
        for (Request* request : requests) {
            events += request->events.size();
            for (const OutgoingEvent& event : request->events) bytes += event.payload.size();
            if (!batch.empty() && (events > limits.events_of_a_batch || bytes > limits.bytes_of_a_batch))
                break;
            batch.push_back(request);
        }
        return batch;
    }
};

PublishQueue::PublishQueue(const Limits& limits, Store store)
    : limits_(limits),
      store_(std::move(store)),
      queue_(std::make_unique<Queue>()),
      generation_(fork_generation()) {}

PublishQueue::~PublishQueue() {
    if (is_inherited()) {
        static_cast<void>(queue_.release());
        return;
    }
    flush(limits_.close);
    if (queue_->writer.joinable()) {
        {
            const std::lock_guard lock(queue_->mutex);
            queue_->writer.request_stop();
        }
        queue_->changed.notify_all();
        queue_->writer.join();
    }
    const auto closed = std::make_exception_ptr(
        BrokerError("the publisher was closed before the event could be stored; send it again", true));
    for (const auto& request : queue_->enqueued) request->enqueued->report({{}, closed});
}

bool PublishQueue::is_inherited() const { return generation_ != fork_generation(); }

// The parent's queue and thread are its own: the child leaves them alone.
void PublishQueue::start_afresh_after_fork() {
    if (!is_inherited()) return;
    const Turn turn(starting_);
    if (!is_inherited()) return;
    static_cast<void>(queue_.release());
    queue_ = std::make_unique<Queue>();
    store_.start_afresh();
    generation_ = fork_generation();
}

std::vector<Delivery> PublishQueue::publish(std::span<const OutgoingEvent> events) {
    std::ranges::for_each(events, check_complete);
    if (events.empty()) return {};
    start_afresh_after_fork();
    Request request;
    request.events = events;
    request.deliveries.resize(events.size());
    Queue& queue = *queue_;
    std::unique_lock lock(queue.mutex);
    queue.requests.push_back(&request);
    while (!request.done) {
        if (!queue.has_leader && queue.requests.front() == &request) {
            lead(queue, lock);
        } else {
            request.stored.wait(lock);
        }
    }
    return std::move(request.deliveries);
}

void PublishQueue::enqueue(const OutgoingEvent& event, DeliveryHandler done) {
    check_complete(event);
    start_afresh_after_fork();
    auto request = std::make_unique<Request>();
    request->enqueued = std::make_unique<EnqueuedEvent>(event, std::move(done));
    request->events = {&request->enqueued->event, 1};
    request->deliveries.resize(1);
    Queue& queue = *queue_;
    std::unique_lock lock(queue.mutex);
    if (!queue.writer.joinable())
        queue.writer = std::jthread([this, &queue](const std::stop_token& stop) { run_writer(queue, stop); });
    queue.changed.wait(lock, [&] { return queue.enqueued.size() < limits_.enqueued; });
    const bool was_empty = queue.requests.empty();
    queue.requests.push_back(request.get());
    queue.enqueued.push_back(std::move(request));
    ++queue.enqueued_in_all;
    lock.unlock();
    if (was_empty) queue.changed.notify_all();
}

bool PublishQueue::flush(std::chrono::milliseconds limit) {
    start_afresh_after_fork();
    Queue& queue = *queue_;
    std::unique_lock lock(queue.mutex);
    const std::uint64_t last = queue.enqueued_in_all;
    return queue.changed.wait_for(lock, std::min(limit, longest_limit), [&] {
        // What is still queued are the newest ones.
        return queue.enqueued_in_all - queue.enqueued.size() >= last;
    });
}

void PublishQueue::run_writer(Queue& queue, const std::stop_token& stop) {
    std::unique_lock lock(queue.mutex);
    while (!stop.stop_requested()) {
        const bool is_mine =
            !queue.has_leader && !queue.requests.empty() && queue.requests.front()->enqueued != nullptr;
        if (is_mine) {
            lead(queue, lock);
        } else {
            queue.changed.wait(lock);
        }
    }
}

// Called and left with the lock held. The requests stay in the queue while they are written, so that no other
// leads.
void PublishQueue::lead(Queue& queue, std::unique_lock<std::mutex>& lock) {
    queue.has_leader = true;
    const Batch batch = queue.next_batch(limits_);
    lock.unlock();
    write(batch);
    for (Request* request : batch)
        if (request->enqueued) request->enqueued->report(request->deliveries.front());
    lock.lock();
    for (Request* request : batch) {
        queue.requests.pop_front();
        if (request->enqueued) {
            queue.enqueued.pop_front();
        } else {
            request->done = true;
            request->stored.notify_one();
        }
    }
    queue.has_leader = false;
    if (!queue.requests.empty()) queue.requests.front()->stored.notify_one();
    queue.changed.notify_all();
}

void PublishQueue::write(const Batch& batch) noexcept {
    std::vector<const OutgoingEvent*> events;
    std::vector<Delivery*> deliveries;
    for (Request* request : batch) {
        for (std::size_t i = 0; i < request->events.size(); ++i) {
            const OutgoingEvent& event = request->events[i];
            if (is_too_large(event)) {
                request->deliveries[i].failure = too_large(event);
                continue;
            }
            events.push_back(&event);
            deliveries.push_back(&request->deliveries[i]);
        }
    }
    if (events.empty()) return;
    try {
        store_.store(events, deliveries);
    } catch (...) {
        for (Delivery* delivery : deliveries) delivery->failure = std::current_exception();
    }
}

bool PublishQueue::is_too_large(const OutgoingEvent& event) const {
    return size_of(event) > limits_.bytes_of_an_event + (event.keep ? limits_.bytes_about_a_kept_event : 0);
}

std::exception_ptr PublishQueue::too_large(const OutgoingEvent& event) const {
    return std::make_exception_ptr(InvalidValue(
        "an event of " + std::to_string(size_of(event)) + " bytes for the topic " + event.topic->str() +
        " is larger than the " + std::to_string(limits_.bytes_of_an_event >> 20) + " MiB that " +
        std::string(store_.backend) + " takes"));
}

}  // namespace eventbus
