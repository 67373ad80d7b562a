#pragma once

#include "eventbus/redis/deadline.hpp"

namespace eventbus::redis {

/// A call from another thread, or a signal handler, to one that waits for a server.
class WakeUp {
  public:
    WakeUp();
    WakeUp(const WakeUp&) = delete;
    WakeUp& operator=(const WakeUp&) = delete;
    ~WakeUp();

    /// Async-signal-safe.
    void call() const noexcept;
    /// Forgets the calls so far.
    void clear() const noexcept;
    /// Until a call that is not forgotten, or the deadline.
    void wait(Deadline deadline) const;
    /// In a child of a fork: its calls are no longer its parent's.
    void separate() const;
    /// Readable from a call until `clear`.
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

  private:
    int descriptor_;
};

}  // namespace eventbus::redis
