#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <stop_token>
#include <vector>

#include "eventbus/broker/embedded/embedded_broker.hpp"

namespace eventbus::embedded {

/// Group commit without a thread of its own: callers queue up, the first becomes the leader, writes what all
/// have queued in one transaction, and tells the others. Only `enqueue` starts a thread, which leads when no
/// caller does.
class EmbeddedPublisher final : public Publisher {
  public:
    explicit EmbeddedPublisher(std::shared_ptr<const EmbeddedOptions> options);
    ~EmbeddedPublisher() override;

    [[nodiscard]] std::vector<Delivery> publish(std::span<const OutgoingEvent> events) override;
    void enqueue(const OutgoingEvent& event, DeliveryHandler done) override;
    bool flush(std::chrono::milliseconds limit) override;

  private:
    struct File;
    struct Request;
    struct EnqueuedEvent;
    struct Queue;
    using Batch = std::vector<Request*>;

    void start_afresh_after_fork();
    void lead(Queue& queue, std::unique_lock<std::mutex>& lock);
    void write(const Batch& batch) noexcept;
    void store_all(const std::vector<const OutgoingEvent*>& events, std::vector<Position>& positions);
    void store(const std::vector<const OutgoingEvent*>& events, std::vector<Position>& positions);
    void remove_expired_now_and_then();
    void run_writer(Queue& queue, const std::stop_token& stop);

    std::shared_ptr<const EmbeddedOptions> options_;
    std::unique_ptr<File> file_;
    std::unique_ptr<Queue> queue_;
    std::mutex starting_;
    std::atomic<unsigned> generation_;
};

}  // namespace eventbus::embedded
