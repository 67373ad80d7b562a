#pragma once

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
    /// Readable from a call until `clear`.
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

  private:
    int descriptor_;
};

}  // namespace eventbus::redis
