#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "eventbus/broker/memory/store.hpp"
#include "eventbus/broker/memory/wake_signal.hpp"
#include "eventbus/broker/subscription.hpp"

namespace eventbus::memory {

class MemorySubscription final : public Subscription {
  public:
    MemorySubscription(std::shared_ptr<Store> store, const SubscribeOptions& options);
    MemorySubscription(const MemorySubscription&) = delete;
    MemorySubscription& operator=(const MemorySubscription&) = delete;
    ~MemorySubscription() override;

    [[nodiscard]] std::vector<ReceivedEvent> poll(std::size_t most, std::chrono::milliseconds limit) override;
    void acknowledge(std::span<const Receipt> receipts) override;
    void wake() noexcept override;
    [[nodiscard]] std::vector<PartitionLag> lag() override;
    void close() override;

  private:
    void leave();

    std::shared_ptr<Store> store_;
    GroupName group_;
    std::shared_ptr<WakeSignal> signal_;
    std::uint64_t member_;
    std::atomic<bool> woken_{false};
    std::atomic<bool> closed_{false};
};

}  // namespace eventbus::memory
