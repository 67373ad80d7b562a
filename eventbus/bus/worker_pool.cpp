#include "eventbus/bus/worker_pool.hpp"

#include <algorithm>
#include <utility>

namespace eventbus {

WorkerPool::WorkerPool(std::size_t workers, Handling& handling, Batches::WishOf wish_of, HandlerWatch& watch,
                       Acknowledgements& done, std::stop_token stop_token, std::function<void()> on_failure)
    : handling_(handling),
      done_(done),
      stop_(std::move(stop_token)),
      on_failure_(std::move(on_failure)),
      batches_(std::move(wish_of)) {
    try {
        for (std::size_t i = 0; i < workers; ++i)
            threads_.emplace_back([this, &worker = watch.worker(i)] { work(worker); });
    } catch (...) {
        stop();
        throw;
    }
}

WorkerPool::~WorkerPool() { stop(); }

void WorkerPool::add(std::list<HeldEvent> events) {
    // One at least: what is done with unhandled is to be acknowledged, too.
    const std::size_t threads = std::clamp(events.size(), std::size_t{1}, threads_.size());
    {
        const std::lock_guard lock(mutex_);
        lanes_.add(std::move(events));
    }
    for (std::size_t i = 0; i < threads; ++i) work_came_.notify_one();
}

bool WorkerPool::is_idle() const {
    const std::lock_guard lock(mutex_);
    return held() == 0 && done_.empty();
}

void WorkerPool::wait_until_idle() {
    Lock lock(mutex_);
    idled_.wait(lock, stop_, [this] { return failure_ != nullptr || (held() == 0 && done_.empty()); });
}

bool WorkerPool::has_failed() const {
    const std::lock_guard lock(mutex_);
    return failure_ != nullptr;
}

void WorkerPool::stop() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    work_came_.notify_all();
    for (std::thread& thread : threads_)
        if (thread.joinable()) thread.join();
}

void WorkerPool::rethrow_failure() const {
    if (failure_) std::rethrow_exception(failure_);
}

void WorkerPool::work(HandlerWatch::Worker& worker) {
    std::list<HeldEvent> finished;
    Lock lock(mutex_);
    while (!is_stopping_ && !stop_.stop_requested()) {
        try {
            if (EventLanes::Lane* lane = lanes_.take(EventLanes::Time::clock::now())) {
                // This thread will be busy when the next one is due: another is to wait for that.
                if (lanes_.next_due()) work_came_.notify_one();
                handle_first(*lane, worker, finished, lock);
                if (done_.is_due()) acknowledge(lock);
            } else if (auto job = batches_.take(EventLanes::Time::clock::now())) {
                handle_batch(std::move(*job), worker, lock);
                if (done_.is_due()) acknowledge(lock);
            } else if (!done_.empty() && !is_acknowledging_) {
                acknowledge(lock);
            } else {
                finished.clear();
                wait_for_work(lock);
            }
        } catch (...) {
            if (!lock.owns_lock()) lock.lock();
            fail(std::current_exception());
        }
    }
}

void WorkerPool::handle_first(EventLanes::Lane& lane, HandlerWatch::Worker& worker,
                              std::list<HeldEvent>& finished, Lock& lock) {
    HeldEvent& held = EventLanes::first(lane);
    lock.unlock();
    finished.clear();
    const Handling::Outcome outcome = handling_.try_once(held, worker);
    if (outcome.kind == Handling::Outcome::finished) done_.add(held.receipt);
    lock.lock();
    if (outcome.kind == Handling::Outcome::again) {
        lanes_.put_off(lane, outcome.due);
        // Whoever waits may wait for too long now.
        work_came_.notify_one();
        return;
    }
    lanes_.finish(lane, finished);
    if (outcome.kind == Handling::Outcome::batches) {
        batches_.add(std::move(finished.back()), EventLanes::Time::clock::now());
        work_came_.notify_one();
    }
}

void WorkerPool::handle_batch(Batches::Job job, HandlerWatch::Worker& worker, Lock& lock) {
    lock.unlock();
    handling_.try_batch(job, worker);
    lock.lock();
    auto finished = batches_.finish(std::move(job), EventLanes::Time::clock::now());
    finishing_ += finished.size();
    lock.unlock();
    for (HeldEvent& held : finished) {
        handling_.finish(held);
        done_.add(held.receipt);
    }
    lock.lock();
    finishing_ -= finished.size();
    work_came_.notify_one();
}

// One that waits for the broker is enough: it looks again when it has done.
void WorkerPool::acknowledge(Lock& lock) {
    if (is_acknowledging_) return;
    is_acknowledging_ = true;
    lock.unlock();
    done_.flush();
    lock.lock();
    is_acknowledging_ = false;
}

void WorkerPool::wait_for_work(Lock& lock) {
    if (held() == 0) idled_.notify_all();
    if (const auto due = next_due(lanes_, batches_)) {
        work_came_.wait_until(lock, *due);
    } else {
        work_came_.wait(lock);
    }
}

// With the lock held.
void WorkerPool::fail(std::exception_ptr failure) noexcept {
    if (!failure_) failure_ = std::move(failure);
    is_stopping_ = true;
    work_came_.notify_all();
    idled_.notify_all();
    on_failure_();
}

}  // namespace eventbus
