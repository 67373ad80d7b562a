#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <stop_token>
#include <vector>

#include "eventbus/broker/publisher.hpp"

namespace eventbus {

/// Group commit for publishers, without a thread of its own: callers queue up, the first becomes the leader,
/// stores what all have queued in one batch, and tells the others. Only `enqueue` starts a thread, which
/// leads when no caller does. Thread-safe. A child of a fork goes on with a queue of its own, which is empty.
class PublishQueue {
  public:
    struct Limits {
        /// How long the end waits for what is enqueued.
        std::chrono::milliseconds close{10'000};
        /// The most events that `enqueue` holds.
        std::size_t enqueued = 10'000;
        std::size_t events_of_a_batch = 2000;
        std::size_t bytes_of_a_batch = std::size_t{64} << 20;
        /// Payload, key, headers and schema together; a larger one is InvalidValue. One that is to be kept
        /// (a dead letter) may be larger by what is told about it.
        std::size_t bytes_of_an_event = std::size_t{64} << 20;
        std::size_t bytes_about_a_kept_event = std::size_t{1} << 20;
    };
    /// What stores. `backend` names it in errors: `the embedded bus`.
    struct Store {
        std::string_view backend;
        /// Stores the events in order; what it throws is the failure of all. One delivery for each, to be
        /// filled in. Called by one thread at a time.
        std::function<void(const std::vector<const OutgoingEvent*>&, const std::vector<Delivery*>&)> store;
        /// In a child of a fork, before anything else: lets go of what it inherited.
        std::function<void()> start_afresh;
    };

    PublishQueue(const Limits& limits, Store store);
    PublishQueue(const PublishQueue&) = delete;
    PublishQueue& operator=(const PublishQueue&) = delete;
    /// Waits as its limit says; what is not stored by then is reported as failed.
    ~PublishQueue();

    /// As Publisher's.
    [[nodiscard]] std::vector<Delivery> publish(std::span<const OutgoingEvent> events);
    void enqueue(const OutgoingEvent& event, DeliveryHandler done);
    bool flush(std::chrono::milliseconds limit);

    /// This process inherited it and has not used it: the store is the parent's.
    [[nodiscard]] bool is_inherited() const;

  private:
    struct Request;
    struct EnqueuedEvent;
    struct Queue;
    using Batch = std::vector<Request*>;

    void start_afresh_after_fork();
    void lead(Queue& queue, std::unique_lock<std::mutex>& lock);
    void write(const Batch& batch) noexcept;
    [[nodiscard]] bool is_too_large(const OutgoingEvent& event) const;
    [[nodiscard]] std::exception_ptr too_large(const OutgoingEvent& event) const;
    void run_writer(Queue& queue, const std::stop_token& stop);

    Limits limits_;
    Store store_;
    std::unique_ptr<Queue> queue_;
    std::mutex starting_;
    std::atomic<unsigned> generation_;
};

}  // namespace eventbus
