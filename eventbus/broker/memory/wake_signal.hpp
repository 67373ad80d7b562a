#pragma once

#include <chrono>

namespace eventbus::memory {

/// What a member waits on: an eventfd, so that a signal handler can raise it. Thread-safe; one thread waits.
class WakeSignal {
  public:
    /// Throws BrokerError when the process has no file descriptor left.
    WakeSignal();
    WakeSignal(const WakeSignal&) = delete;
    WakeSignal& operator=(const WakeSignal&) = delete;
    ~WakeSignal();

    /// Ends the wait that is on or comes next. Async-signal-safe.
    void raise() noexcept;

    /// Waits until raised or until `until`, and lowers the signal.
    void wait(std::chrono::steady_clock::time_point until);

  private:
    int descriptor_;
};

}  // namespace eventbus::memory
