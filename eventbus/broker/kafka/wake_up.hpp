#pragma once

#include <atomic>
#include <chrono>

namespace eventbus::kafka_topics {

/// A file descriptor that becomes readable when somebody wakes, and stays so until it is cleared.
class WakeUp {
  public:
    WakeUp();
    ~WakeUp();
    WakeUp(const WakeUp&) = delete;
    WakeUp& operator=(const WakeUp&) = delete;

    /// Async-signal-safe.
    void wake() noexcept;
    void clear() noexcept;
    void wait_until(std::chrono::steady_clock::time_point deadline) const;
    [[nodiscard]] int descriptor() const { return descriptor_.load(); }

    /// In a child of a fork: one of its own.
    void separate();

  private:
    std::atomic<int> descriptor_;
};

}  // namespace eventbus::kafka_topics
