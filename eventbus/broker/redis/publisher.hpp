#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "eventbus/broker/publish_queue.hpp"
#include "eventbus/broker/redis/confirmed_ids.hpp"
#include "eventbus/broker/redis/options.hpp"
#include "eventbus/redis/link.hpp"

namespace eventbus::redis_streams {

/// Sends what a group commit has gathered as one pipeline of XADD, and reads the reply to each.
class RedisPublisher final : public Publisher {
  public:
    explicit RedisPublisher(std::shared_ptr<const Options> options);
    ~RedisPublisher() override;

    [[nodiscard]] std::vector<Delivery> publish(std::span<const OutgoingEvent> events) override;
    void enqueue(const OutgoingEvent& event, DeliveryHandler done) override;
    bool flush(std::chrono::milliseconds limit) override;

  private:
    struct Server;
    using Events = std::vector<const OutgoingEvent*>;
    using Deliveries = std::vector<Delivery*>;

    void start_afresh();
    void store(const Events& events, const Deliveries& deliveries);
    std::size_t store_from(std::size_t from, const Events& events, const Deliveries& deliveries);
    [[nodiscard]] redis::Connection& connect(redis::Deadline deadline);
    void notice_loss(redis::Connection& connection);
    void send(redis::Connection& connection, std::size_t from, const Events& events);
    void add(redis::CommandBuffer& commands, const OutgoingEvent& event) const;
    void note_not_replicated(std::span<Delivery* const> deliveries, const std::string& why) const;
    void wait_for_replicas(redis::Connection& connection, const Deliveries& deliveries) const;
    void audit(const Events& events, const Deliveries& deliveries) const;

    std::shared_ptr<const Options> options_;
    std::string max_len_;
    std::unique_ptr<Server> server_;
    /// Ends first: it stores what is enqueued.
    PublishQueue queue_;
};

}  // namespace eventbus::redis_streams
