#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "eventbus/kafka/client.hpp"

namespace eventbus::kafka_topics {

/// Waiting for what a producer reports of its messages. Of the threads that wait one polls, and tells the
/// others. Thread-safe.
class Reports {
  public:
    using Clock = std::chrono::steady_clock;

    explicit Reports(kafka::Client& client) : client_(client) {}

    /// Until `is_done` or the deadline; true when done. What it looks at is changed by reports alone.
    template <class IsDone>
    bool wait_until(Clock::time_point deadline, const IsDone& is_done) {
        std::unique_lock lock(mutex_);
        while (!is_done()) {
            const auto now = Clock::now();
            if (now >= deadline) return false;
            const auto slice = std::min<Clock::duration>(deadline - now, longest_poll);
            if (polls_) {
                changed_.wait_for(lock, slice);
                continue;
            }
            polls_ = true;
            lock.unlock();
            rd_kafka_poll(client_.get(),
                          static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(slice).count()));
            lock.lock();
            polls_ = false;
            changed_.notify_all();
        }
        return true;
    }

  private:
    static constexpr std::chrono::milliseconds longest_poll{100};

    kafka::Client& client_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool polls_ = false;
};

}  // namespace eventbus::kafka_topics
