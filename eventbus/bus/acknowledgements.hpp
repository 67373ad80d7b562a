#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <vector>

#include "eventbus/broker/subscription.hpp"

namespace eventbus {

/// Events that are finished and not acknowledged yet. They are acknowledged together, as each time costs the
/// broker a commit; what a crash catches here is handled again.
class Acknowledgements {
  public:
    /// How long a finished event may wait while others are handled.
    static constexpr std::chrono::milliseconds longest_wait{20};

    /// `event` must stay until `clear`.
    void add(const ReceivedEvent& event);
    [[nodiscard]] bool is_due() const;
    [[nodiscard]] bool empty() const { return receipts_.empty(); }
    [[nodiscard]] std::span<const Receipt> receipts() const { return receipts_; }
    void clear() { receipts_.clear(); }

  private:
    std::vector<Receipt> receipts_;
    std::chrono::steady_clock::time_point since_;
};

}  // namespace eventbus
