#include "eventbus/broker/memory/memory_broker.hpp"

#include <utility>

#include "eventbus/broker/memory/memory_admin.hpp"
#include "eventbus/broker/memory/memory_publisher.hpp"
#include "eventbus/broker/memory/memory_reader.hpp"
#include "eventbus/broker/memory/memory_subscription.hpp"
#include "eventbus/broker/memory/store.hpp"

namespace eventbus {

namespace {

class MemoryBroker final : public Broker {
  public:
    explicit MemoryBroker(MemoryOptions options)
        : new_topic_{options.partitions, options.retention},
          store_(std::make_shared<memory::Store>(new_topic_, std::move(options.clock))),
          limits_(options.consumer_limits) {}

    [[nodiscard]] std::string_view name() const override { return "memory"; }
    [[nodiscard]] std::unique_ptr<Publisher> publisher() override {
        return std::make_unique<memory::MemoryPublisher>(store_);
    }
    [[nodiscard]] std::unique_ptr<Subscription> subscribe(SubscribeOptions options) override {
        return std::make_unique<memory::MemorySubscription>(store_, std::move(options));
    }
    [[nodiscard]] std::unique_ptr<Reader> reader(ReadOptions options) override {
        return std::make_unique<memory::MemoryReader>(store_, std::move(options));
    }
    [[nodiscard]] std::unique_ptr<Admin> admin() override {
        return std::make_unique<memory::MemoryAdmin>(store_);
    }
    [[nodiscard]] TopicOptions new_topic() const override { return new_topic_; }
    [[nodiscard]] ConsumerLimits consumer_limits() const override { return limits_; }

  private:
    TopicOptions new_topic_;
    std::shared_ptr<memory::Store> store_;
    ConsumerLimits limits_;
};

}  // namespace

std::shared_ptr<Broker> make_memory_broker(MemoryOptions options) {
    return std::make_shared<MemoryBroker>(std::move(options));
}

}  // namespace eventbus
