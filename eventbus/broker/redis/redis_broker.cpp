#include "eventbus/broker/redis/redis_broker.hpp"

#include <utility>

#include "eventbus/broker/redis/admin.hpp"
#include "eventbus/broker/redis/options.hpp"
#include "eventbus/broker/redis/publisher.hpp"
#include "eventbus/broker/redis/reader.hpp"
#include "eventbus/broker/redis/stream_id.hpp"
#include "eventbus/broker/redis/subscription.hpp"
#include "eventbus/event/error.hpp"
#include "eventbus/settings/settings.hpp"

namespace eventbus {

namespace {

class RedisBroker final : public Broker {
  public:
    explicit RedisBroker(RedisOptions options)
        : options_(std::make_shared<const redis_streams::Options>(std::move(options))) {}

    [[nodiscard]] std::string_view name() const override { return "redis"; }
    [[nodiscard]] std::unique_ptr<Publisher> publisher() override {
        return std::make_unique<redis_streams::RedisPublisher>(options_);
    }
    [[nodiscard]] std::unique_ptr<Subscription> subscribe(SubscribeOptions options) override {
        return std::make_unique<redis_streams::RedisSubscription>(options_, std::move(options));
    }
    [[nodiscard]] std::unique_ptr<Reader> reader(ReadOptions options) override {
        return std::make_unique<redis_streams::RedisReader>(options_, std::move(options));
    }
    [[nodiscard]] std::unique_ptr<Admin> admin() override {
        return std::make_unique<redis_streams::RedisAdmin>(options_);
    }
    [[nodiscard]] std::string offset_text(const Offset& offset) const override {
        return redis_streams::to_string(offset);
    }
    [[nodiscard]] ConsumerLimits consumer_limits() const override { return options_->consumer_limits; }

  private:
    std::shared_ptr<const redis_streams::Options> options_;
};

std::string url_of(const Settings& settings) {
    std::string url = settings.get(setting::REDIS_CONNECTION_URL);
    if (url.empty())
        throw SettingsError(
            "EVENT_BUS_REDIS_CONNECTION_URL must be set for the Redis backend: "
            "redis://user:password@host:6379/0");
    try {
        static_cast<void>(redis::parse_connection_url(url));
    } catch (const SettingsError& error) {
        throw SettingsError(std::string("EVENT_BUS_REDIS_CONNECTION_URL: ") + error.what());
    }
    return url;
}

}  // namespace

std::shared_ptr<Broker> make_redis_broker(RedisOptions options) {
    return std::make_shared<RedisBroker>(std::move(options));
}

std::shared_ptr<Broker> make_redis_broker(const Settings& settings, LogSink log) {
    RedisOptions options;
    options.url = url_of(settings);
    options.stream_max_len = static_cast<std::uint64_t>(settings.get(setting::REDIS_STREAM_MAX_LEN));
    options.replicas = static_cast<std::uint32_t>(settings.get(setting::REDIS_WAIT_REPLICAS));
    options.replicas_timeout = settings.get(setting::REDIS_WAIT_TIMEOUT);
    options.members_share_events = settings.get(setting::REDIS_CONSUMERS_SHARE_EVENTS);
    options.lease = settings.get(setting::REDIS_CONSUMER_LEASE);
    options.claim_after = settings.get(setting::REDIS_CONSUMER_CLAIM_AFTER);
    options.poll_timeout = settings.get(setting::REDIS_CONSUMER_POLL_TIMEOUT);
    options.audit = settings.get(setting::REDIS_AUDIT_LOGGING_ENABLED);
    options.consumer_limits = {.enabled = settings.get(setting::REDIS_CONSUMERS_ENABLED),
                               .consecutive_errors = static_cast<std::uint64_t>(
                                   settings.get(setting::REDIS_CONSUMER_CONSECUTIVE_ERRORS_LIMIT)),
                               .failure_pause = settings.get(setting::REDIS_CONSUMER_POLL_FAILURE_SLEEP)};
    options.log = std::move(log);
    return make_redis_broker(std::move(options));
}

}  // namespace eventbus
