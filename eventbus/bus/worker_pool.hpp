#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <list>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "eventbus/bus/acknowledgements.hpp"
#include "eventbus/bus/event_lanes.hpp"
#include "eventbus/bus/handler_watch.hpp"
#include "eventbus/bus/handling.hpp"

namespace eventbus {

/// Threads that handle the events of a consumer: those of one key one after the other, those of different
/// keys at once. Thread-safe.
class WorkerPool {
  public:
    /// Everything must outlive it. When a stop is asked for, the threads begin nothing more. `on_failure` is
    /// called, on one of the threads, when the consumer must end.
    WorkerPool(std::size_t workers, Handling& handling, Batches::WishOf wish_of, HandlerWatch& watch,
               Acknowledgements& done, std::stop_token stop, std::function<void()> on_failure);
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;
    /// Stops.
    ~WorkerPool();

    void add(std::list<HeldEvent> events);
    /// Nothing is held, and everything that was done is acknowledged.
    [[nodiscard]] bool is_idle() const;
    /// Waits until it is idle, has failed, or a stop is asked for.
    void wait_until_idle();
    [[nodiscard]] bool has_failed() const;

    /// Lets the threads finish what they are handling, and ends them; what they have not begun is dropped.
    /// Idempotent.
    void stop();
    /// After `stop`: throws what made it fail, if something did.
    void rethrow_failure() const;

  private:
    using Lock = std::unique_lock<std::mutex>;

    void work(HandlerWatch::Worker& worker);
    /// `finished` is what the thread has done with: its memory is given back where that needs no lock.
    void handle_first(EventLanes::Lane& lane, HandlerWatch::Worker& worker, std::list<HeldEvent>& finished,
                      Lock& lock);
    void handle_batch(Batches::Job job, HandlerWatch::Worker& worker, Lock& lock);
    void acknowledge(Lock& lock);
    [[nodiscard]] std::size_t held() const { return lanes_.size() + batches_.size() + finishing_; }
    void wait_for_work(Lock& lock);
    void fail(std::exception_ptr failure) noexcept;

    Handling& handling_;
    Acknowledgements& done_;
    const std::stop_token stop_;
    const std::function<void()> on_failure_;

    mutable std::mutex mutex_;
    std::condition_variable work_came_;
    std::condition_variable_any idled_;
    EventLanes lanes_;
    Batches batches_;
    /// Events of a batch that are on their way to `done_`.
    std::size_t finishing_ = 0;
    bool is_acknowledging_ = false;
    bool is_stopping_ = false;
    std::exception_ptr failure_;
    std::vector<std::thread> threads_;
};

}  // namespace eventbus
