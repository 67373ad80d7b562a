#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "eventbus/broker/redis/options.hpp"
#include "eventbus/redis/wake_up.hpp"

namespace eventbus::redis_streams {

class GroupMember;

/// A member of a group that survives a fork: in the child it becomes another member.
class RedisSubscription final : public Subscription {
  public:
    RedisSubscription(std::shared_ptr<const Options> options, SubscribeOptions what);
    ~RedisSubscription() override;

    [[nodiscard]] std::vector<ReceivedEvent> poll(std::size_t most, std::chrono::milliseconds limit) override;
    void acknowledge(std::span<const Receipt> receipts) override;
    void wake() noexcept override;
    [[nodiscard]] std::vector<PartitionLag> lag() override;
    void close() override;

  private:
    [[nodiscard]] GroupMember& member();

    std::shared_ptr<const Options> options_;
    SubscribeOptions what_;
    /// Made once: a signal handler may use it at any time.
    redis::WakeUp wake_up_;
    std::atomic<bool> woken_ = false;
    std::unique_ptr<GroupMember> member_;
    std::mutex starting_;
    std::atomic<unsigned> generation_;
    std::atomic<bool> closed_ = false;
};

}  // namespace eventbus::redis_streams
