#include "faulty_broker.hpp"

#include <utility>

namespace eventbus::bus_test {

namespace {

void may_fail(const std::function<void()>& fault) {
    if (fault) fault();
}

class FaultyPublisher : public Publisher {
  public:
    FaultyPublisher(std::unique_ptr<Publisher> real, std::shared_ptr<const Faults> faults)
        : real_(std::move(real)), faults_(std::move(faults)) {}

    std::vector<Delivery> publish(std::span<const OutgoingEvent> events) override {
        std::vector<Delivery> deliveries;
        for (const OutgoingEvent& event : events) {
            const auto failure = refusal(event);
            deliveries.push_back(failure ? Delivery{{}, failure} : real_->publish({&event, 1}).front());
        }
        return deliveries;
    }

    void enqueue(const OutgoingEvent& event, DeliveryHandler done) override {
        const auto failure = refusal(event);
        if (!failure) return real_->enqueue(event, std::move(done));
        done({{}, failure});
    }

    bool flush(std::chrono::milliseconds limit) override { return real_->flush(limit); }

  private:
    std::exception_ptr refusal(const OutgoingEvent& event) const {
        return faults_->refuse ? faults_->refuse(event) : nullptr;
    }

    std::unique_ptr<Publisher> real_;
    std::shared_ptr<const Faults> faults_;
};

class FaultySubscription : public Subscription {
  public:
    FaultySubscription(std::unique_ptr<Subscription> real, std::shared_ptr<const Faults> faults)
        : real_(std::move(real)), faults_(std::move(faults)) {}

    std::vector<ReceivedEvent> poll(std::size_t most, std::chrono::milliseconds limit) override {
        may_fail(faults_->poll);
        return real_->poll(most, limit);
    }
    void acknowledge(std::span<const Receipt> receipts) override {
        may_fail(faults_->acknowledge);
        real_->acknowledge(receipts);
    }
    void wake() noexcept override { real_->wake(); }
    std::vector<PartitionLag> lag() override {
        may_fail(faults_->lag);
        return real_->lag();
    }
    void close() override {
        may_fail(faults_->close);
        real_->close();
    }

  private:
    std::unique_ptr<Subscription> real_;
    std::shared_ptr<const Faults> faults_;
};

class FaultyReader : public Reader {
  public:
    FaultyReader(std::unique_ptr<Reader> real, std::shared_ptr<const Faults> faults)
        : real_(std::move(real)), faults_(std::move(faults)) {}

    std::vector<ReceivedEvent> read(std::size_t most) override {
        may_fail(faults_->read);
        return real_->read(most);
    }
    std::uint64_t left() override { return real_->left(); }

  private:
    std::unique_ptr<Reader> real_;
    std::shared_ptr<const Faults> faults_;
};

class FaultyBroker : public Broker {
  public:
    FaultyBroker(std::shared_ptr<Broker> real, std::shared_ptr<const Faults> faults)
        : real_(std::move(real)), faults_(std::move(faults)) {}

    [[nodiscard]] std::string_view name() const override { return real_->name(); }
    [[nodiscard]] std::unique_ptr<Publisher> publisher() override {
        may_fail(faults_->open);
        return std::make_unique<FaultyPublisher>(real_->publisher(), faults_);
    }
    [[nodiscard]] std::unique_ptr<Subscription> subscribe(SubscribeOptions options) override {
        may_fail(faults_->subscribe);
        return std::make_unique<FaultySubscription>(real_->subscribe(std::move(options)), faults_);
    }
    [[nodiscard]] std::unique_ptr<Reader> reader(ReadOptions options) override {
        return std::make_unique<FaultyReader>(real_->reader(std::move(options)), faults_);
    }
    [[nodiscard]] std::unique_ptr<Admin> admin() override { return real_->admin(); }

  private:
    std::shared_ptr<Broker> real_;
    std::shared_ptr<const Faults> faults_;
};

}  // namespace

std::shared_ptr<Broker> make_faulty_broker(std::shared_ptr<Broker> real,
                                           std::shared_ptr<const Faults> faults) {
    return std::make_shared<FaultyBroker>(std::move(real), std::move(faults));
}

}  // namespace eventbus::bus_test
