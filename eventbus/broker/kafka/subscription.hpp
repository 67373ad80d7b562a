#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "eventbus/broker/kafka/member.hpp"
#include "eventbus/broker/kafka/of_this_process.hpp"

namespace eventbus::kafka_topics {

/// A member of a group, waited for.
class KafkaSubscription final : public Subscription {
  public:
    KafkaSubscription(std::shared_ptr<const Options> options, SubscribeOptions what);
    ~KafkaSubscription() override;

    [[nodiscard]] std::vector<ReceivedEvent> poll(std::size_t most, std::chrono::milliseconds limit) override;
    void acknowledge(std::span<const Receipt> receipts) override;
    void wake() noexcept override;
    [[nodiscard]] std::vector<PartitionLag> lag() override;
    [[nodiscard]] bool is_joining() override;
    void close() override;

  private:
    /// Null when it is closed.
    [[nodiscard]] std::shared_ptr<Member> member();

    std::shared_ptr<const Options> options_;
    SubscribeOptions what_;
    WakeUp wake_up_;
    std::mutex starting_;
    /// Shared with calls of other threads while it is closed.
    OfThisProcess<std::shared_ptr<Member>> member_;
    std::atomic<bool> woken_ = false;
    std::atomic<bool> closed_ = false;
};

}  // namespace eventbus::kafka_topics
