#pragma once

#include <memory>
#include <span>
#include <vector>

#include "eventbus/broker/embedded/embedded_broker.hpp"
#include "eventbus/broker/publish_queue.hpp"

namespace eventbus::embedded {

/// Writes what a group commit has gathered in one transaction.
class EmbeddedPublisher final : public Publisher {
  public:
    explicit EmbeddedPublisher(std::shared_ptr<const EmbeddedOptions> options);
    ~EmbeddedPublisher() override;

    [[nodiscard]] std::vector<Delivery> publish(std::span<const OutgoingEvent> events) override;
    void enqueue(const OutgoingEvent& event, DeliveryHandler done) override;
    bool flush(std::chrono::milliseconds limit) override;

  private:
    struct File;

    void open_afresh();
    void write(const std::vector<const OutgoingEvent*>& events, const std::vector<Delivery*>& deliveries);
    void store_all(const std::vector<const OutgoingEvent*>& events, std::vector<Position>& positions);
    void store(const std::vector<const OutgoingEvent*>& events, std::vector<Position>& positions);
    void remove_expired_now_and_then();

    std::shared_ptr<const EmbeddedOptions> options_;
    std::unique_ptr<File> file_;
    /// Ends first: it stores what is enqueued.
    PublishQueue queue_;
};

}  // namespace eventbus::embedded
