#include "eventbus/broker/embedded/embedded_broker.hpp"

#include <utility>

#include "eventbus/broker/embedded/admin.hpp"
#include "eventbus/broker/embedded/publisher.hpp"
#include "eventbus/broker/embedded/reader.hpp"
#include "eventbus/broker/embedded/subscription.hpp"
#include "eventbus/settings/settings.hpp"

namespace eventbus {

namespace {

class EmbeddedBroker final : public Broker {
  public:
    explicit EmbeddedBroker(EmbeddedOptions options)
        : options_(std::make_shared<const EmbeddedOptions>(std::move(options))) {}

    [[nodiscard]] std::string_view name() const override { return "embedded"; }
    [[nodiscard]] std::unique_ptr<Publisher> publisher() override {
        return std::make_unique<embedded::EmbeddedPublisher>(options_);
    }
    [[nodiscard]] std::unique_ptr<Subscription> subscribe(SubscribeOptions options) override {
        return std::make_unique<embedded::EmbeddedSubscription>(options_, std::move(options));
    }
    [[nodiscard]] std::unique_ptr<Reader> reader(ReadOptions options) override {
        return std::make_unique<embedded::EmbeddedReader>(options_, std::move(options));
    }
    [[nodiscard]] std::unique_ptr<Admin> admin() override {
        return std::make_unique<embedded::EmbeddedAdmin>(options_);
    }
    [[nodiscard]] TopicOptions new_topic() const override { return options_->new_topic; }
    [[nodiscard]] ConsumerLimits consumer_limits() const override { return options_->consumer_limits; }

  private:
    std::shared_ptr<const EmbeddedOptions> options_;
};

EmbeddedSync sync_of(const std::string& name) {
    if (name == "off") return EmbeddedSync::off;
    return name == "normal" ? EmbeddedSync::normal : EmbeddedSync::full;
}

}  // namespace

std::shared_ptr<Broker> make_embedded_broker(EmbeddedOptions options) {
    return std::make_shared<EmbeddedBroker>(std::move(options));
}

std::shared_ptr<Broker> make_embedded_broker(const Settings& settings, LogSink log) {
    EmbeddedOptions options;
    options.path = settings.get(setting::EMBEDDED_PATH);
    options.new_topic.partitions = static_cast<std::int32_t>(settings.get(setting::EMBEDDED_PARTITIONS));
    if (const auto age = settings.get(setting::EMBEDDED_RETENTION_AGE); age.count() > 0)
        options.new_topic.retention.age = std::chrono::duration_cast<std::chrono::seconds>(age);
    if (const auto bytes = settings.get(setting::EMBEDDED_RETENTION_BYTES); bytes > 0)
        options.new_topic.retention.bytes = static_cast<std::uint64_t>(bytes);
    options.sync = sync_of(settings.get(setting::EMBEDDED_SYNC));
    options.consumer_limits = {.enabled = settings.get(setting::EMBEDDED_CONSUMERS_ENABLED),
                               .consecutive_errors = static_cast<std::uint64_t>(
                                   settings.get(setting::EMBEDDED_CONSUMER_CONSECUTIVE_ERRORS_LIMIT))};
    options.log = std::move(log);
    return make_embedded_broker(std::move(options));
}

}  // namespace eventbus
