#pragma once

#include <chrono>
#include <stop_token>

namespace eventbus {

/// How long to wait before the next attempt: longer each time, up to a limit.
class Backoff {
  public:
    using Duration = std::chrono::milliseconds;
    static constexpr Duration longest{10'000};

    explicit Backoff(Duration first = Duration{100}) : first_(first), next_(first) {}

    [[nodiscard]] Duration next() const { return next_; }
    /// Waits, and is done at once when a stop is asked for.
    void wait(const std::stop_token& stop);
    void reset() { next_ = first_; }

  private:
    Duration first_;
    Duration next_;
};

}  // namespace eventbus
