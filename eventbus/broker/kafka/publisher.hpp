#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "eventbus/broker/kafka/of_this_process.hpp"
#include "eventbus/broker/kafka/options.hpp"
#include "eventbus/broker/publisher.hpp"

namespace eventbus::kafka_topics {

/// Hands events to an idempotent producer of librdkafka, and passes its reports on.
class KafkaPublisher final : public Publisher {
  public:
    explicit KafkaPublisher(std::shared_ptr<const Options> options);
    ~KafkaPublisher() override;

    [[nodiscard]] std::vector<Delivery> publish(std::span<const OutgoingEvent> events) override;
    void enqueue(const OutgoingEvent& event, DeliveryHandler done) override;
    bool flush(std::chrono::milliseconds limit) override;

  private:
    class Producer;

    [[nodiscard]] std::shared_ptr<Producer> producer();

    std::shared_ptr<const Options> options_;
    std::mutex starting_;
    /// Shared with the calls that go on with it while another takes its place.
    OfThisProcess<std::shared_ptr<Producer>> producer_;
};

}  // namespace eventbus::kafka_topics
