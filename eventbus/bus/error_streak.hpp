#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "eventbus/event/error.hpp"

namespace eventbus {

/// A consumer met as many errors in a row as its backend's settings allow: it is probably stuck, and may do
/// better when it is started afresh.
class TooManyErrors : public ConsumerMustEnd {
  public:
    using ConsumerMustEnd::ConsumerMustEnd;
};

/// Counts a consumer's errors in a row, by the rules of the Python consumers: a read that failed counts as
/// one, a try of an event that failed as one, and only an event that was handled begins anew; a read that
/// found nothing changes nothing. Thread-safe.
class ErrorStreak {
  public:
    /// `limit` is ConsumerLimits::consecutive_errors.
    explicit ErrorStreak(std::uint64_t limit) : limit_(limit) {}

    /// `error` is told when it was the last.
    void add_error(std::string_view error);
    void add_success();
    /// Throws TooManyErrors when the limit is reached. To be called when what failed is settled, as the
    /// consumer ends here.
    void check() const;

  private:
    const std::uint64_t limit_;
    mutable std::mutex mutex_;
    std::uint64_t errors_ = 0;
    std::string last_;
};

}  // namespace eventbus
