#include "eventbus/bus/consumer.hpp"

#include <utility>

#include "eventbus/bus/consumer_run.hpp"
#include "eventbus/bus/dead_letter_policy.hpp"
#include "eventbus/bus/dead_letter_topic.hpp"
#include "eventbus/bus/inbox.hpp"

namespace eventbus {

namespace {

StartAt start_of(const std::string& text) {
    if (text == "earliest") return Earliest{};
    if (text == "latest") return Latest{};
    return AtTime{parse_iso8601(text)};
}

SubscribeOptions subscription_of(const Bus& bus, const ConsumeOptions& options) {
    if (options.topics.empty()) throw InvalidValue("a consumer needs at least one topic");
    if (options.prefetch == 0U) throw InvalidValue("a consumer needs a prefetch of at least 1");
    if (options.workers == 0U) throw InvalidValue("a consumer needs at least 1 worker");
    if (options.retry && options.retry->most_tries == 0)
        throw InvalidValue("a consumer needs at least 1 try for each event");
    const Settings& settings = bus.settings();
    SubscribeOptions subscription{
        .topics = {},
        .group = GroupName(options.group),
        .start = options.start ? *options.start : start_of(settings.get(setting::CONSUMER_START)),
        .reset = options.reset,
        .member = options.member,
        .claim_after = options.claim_after,
        .prefetch =
            options.prefetch.value_or(static_cast<std::size_t>(settings.get(setting::CONSUMER_PREFETCH)))};
    const std::string prefix = settings.get(setting::TOPIC_PREFIX);
    for (const std::string& topic : options.topics) {
        subscription.topics.push_back(prefixed_topic(prefix, topic));
        subscription.besides.push_back(dead_letter_topic(subscription.topics.back(), subscription.group));
    }
    return subscription;
}

}  // namespace

std::size_t workers_of(const Bus& bus, const ConsumeOptions& options) {
    return options.workers.value_or(static_cast<std::size_t>(bus.settings().get(setting::CONSUMER_WORKERS)));
}

Consumer::Consumer(Bus& bus, ConsumeOptions options)
    : bus_(bus), options_(std::move(options)), subscription_(subscription_of(bus_, options_)) {
    static_cast<void>(bus_.consumer_broker());
}

std::shared_ptr<FailurePolicy> Consumer::failure_policy(const std::stop_token& stop) const {
    if (options_.failures) return options_.failures;
    if (bus_.settings().get(setting::CONSUMER_DEAD_LETTERS)) return std::make_shared<DeadLetters>(stop);
    return std::make_shared<LogFailures>();
}

ConsumeResult Consumer::run(std::stop_token stop) {
    const auto broker = bus_.consumer_broker();
    if (!broker->consumer_limits().enabled) {
        bus_.log(LogLevel::error, "consumers of the backend " + std::string(broker->name()) +
                                      " are switched off by its setting CONSUMERS_ENABLED; this one ends");
        return {};
    }
    if (!options_.inbox && bus_.needs_inbox()) options_.inbox = make_inbox(bus_.settings());
    const auto failures = failure_policy(stop);
    ConsumerRun run(bus_, options_, subscription_, *failures, std::move(stop));
    if (!run.join()) return {};
    subscription_.reset.reset();
    return run.work();
}

}  // namespace eventbus
