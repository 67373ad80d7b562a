#include "eventbus/broker/kafka/kafka_broker.hpp"

#include <utility>

#include "eventbus/broker/kafka/admin.hpp"
#include "eventbus/broker/kafka/options.hpp"
#include "eventbus/broker/kafka/property_map.hpp"
#include "eventbus/broker/kafka/publisher.hpp"
#include "eventbus/broker/kafka/reader.hpp"
#include "eventbus/broker/kafka/subscription.hpp"
#include "eventbus/settings/settings.hpp"

namespace eventbus {

namespace {

class KafkaBroker final : public Broker {
  public:
    explicit KafkaBroker(KafkaOptions options)
        : options_(std::make_shared<const kafka_topics::Options>(std::move(options))) {}

    [[nodiscard]] std::string_view name() const override { return "kafka"; }
    [[nodiscard]] std::unique_ptr<Publisher> publisher() override {
        return std::make_unique<kafka_topics::KafkaPublisher>(options_);
    }
    [[nodiscard]] std::unique_ptr<Subscription> subscribe(SubscribeOptions options) override {
        return std::make_unique<kafka_topics::KafkaSubscription>(options_, std::move(options));
    }
    [[nodiscard]] std::unique_ptr<Reader> reader(ReadOptions options) override {
        return std::make_unique<kafka_topics::KafkaReader>(options_, std::move(options));
    }
    [[nodiscard]] std::unique_ptr<Admin> admin() override {
        return std::make_unique<kafka_topics::KafkaAdmin>(options_);
    }
    [[nodiscard]] ConsumerLimits consumer_limits() const override { return options_->consumer_limits; }

  private:
    std::shared_ptr<const kafka_topics::Options> options_;
};

std::vector<std::string> split(const std::string& list) {
    std::vector<std::string> parts;
    std::size_t begin = 0;
    while (begin < list.size()) {
        const std::size_t comma = std::min(list.find(',', begin), list.size());
        if (comma > begin) parts.push_back(list.substr(begin, comma - begin));
        begin = comma + 1;
    }
    return parts;
}

}  // namespace

RegistryOptions registry_options(const Settings& settings) {
    RegistryOptions options;
    options.urls = split(settings.get(setting::KAFKA_SCHEMA_REGISTRY_URL));
    options.user = settings.get(setting::KAFKA_SCHEMA_REGISTRY_API_KEY);
    options.password = settings.get(setting::KAFKA_SCHEMA_REGISTRY_API_SECRET);
    options.ca_file = settings.get(setting::KAFKA_SCHEMA_REGISTRY_CA_FILE);
    options.certificate_file = settings.get(setting::KAFKA_SCHEMA_REGISTRY_CERTIFICATE_FILE);
    options.key_file = settings.get(setting::KAFKA_SCHEMA_REGISTRY_KEY_FILE);
    options.key_password = settings.get(setting::KAFKA_SCHEMA_REGISTRY_KEY_PASSWORD);
    options.registers = settings.get(setting::KAFKA_AUTO_REGISTER_SCHEMAS);
    options.compatibility = Compatibility::by_name(settings.get(setting::KAFKA_SCHEMA_COMPATIBILITY)).value();
    return options;
}

std::shared_ptr<Broker> make_kafka_broker(KafkaOptions options) {
    return std::make_shared<KafkaBroker>(std::move(options));
}

std::shared_ptr<Broker> make_kafka_broker(const Settings& settings, LogSink log) {
    using kafka_topics::read_properties;
    KafkaOptions options;
    options.bootstrap_servers = settings.get(setting::KAFKA_BOOTSTRAP_SERVERS);
    options.user = settings.get(setting::KAFKA_API_KEY);
    options.password = settings.get(setting::KAFKA_API_SECRET);
    options.registry = registry_options(settings);
    options.producer_properties =
        read_properties(setting::KAFKA_PRODUCER_CONFIG.name, settings.get(setting::KAFKA_PRODUCER_CONFIG));
    options.consumer_properties =
        read_properties(setting::KAFKA_CONSUMER_CONFIG.name, settings.get(setting::KAFKA_CONSUMER_CONFIG));
    options.takes_unsafe_properties = settings.get(setting::KAFKA_TAKE_UNSAFE_CONFIG);
    options.audit = settings.get(setting::KAFKA_AUDIT_LOGGING_ENABLED);
    options.consumer_limits = {.enabled = settings.get(setting::KAFKA_CONSUMERS_ENABLED),
                               .consecutive_errors = static_cast<std::uint64_t>(
                                   settings.get(setting::KAFKA_CONSUMER_CONSECUTIVE_ERRORS_LIMIT)),
                               .failure_pause = settings.get(setting::KAFKA_CONSUMER_POLL_FAILURE_SLEEP)};
    options.log = std::move(log);
    return make_kafka_broker(std::move(options));
}

}  // namespace eventbus
