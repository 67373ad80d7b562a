#include "eventbus/settings/declarations.hpp"

#include <algorithm>
#include <vector>

#include "eventbus/event/nearest.hpp"

namespace eventbus::setting {

namespace {

constexpr std::array declarations = std::to_array<const Declaration*>({
    &CONFIG,
    &PRODUCER,
    &CONSUMER,
    &TOPIC_PREFIX,
    &PRODUCER_CONFIG,
    &SERVICE_NAME,
    &SERVICE_VARIANT,
    &LOG_LEVEL,
    &CONSUMER_START,
    &CONSUMER_PREFETCH,
    &CONSUMER_STOP_TIMEOUT,
    &CONSUMER_WORKERS,
    &CONSUMER_MAX_TRIES,
    &CONSUMER_RETRY_PAUSE,
    &CONSUMER_RETRY_LONGEST_PAUSE,
    &CONSUMER_DEAD_LETTERS,
    &CONSUMER_KEEP_KEY_ORDER,
    &CONSUMER_HANDLER_TIME_LIMIT,
    &CONSUMER_HEARTBEAT_FILE,
    &CONSUMER_HEALTH_PORT,
    &CONSUMER_HEALTH_ADDRESS,
    &CONSUMER_HEARTBEAT_TIMEOUT,
    &INBOX_PATH,
    &INBOX_RETENTION,
    &EMBEDDED_PATH,
    &EMBEDDED_PARTITIONS,
    &EMBEDDED_RETENTION_AGE,
    &EMBEDDED_RETENTION_BYTES,
    &EMBEDDED_SYNC,
    &EMBEDDED_CONSUMERS_ENABLED,
    &EMBEDDED_CONSUMER_CONSECUTIVE_ERRORS_LIMIT,
    &REDIS_CONNECTION_URL,
    &REDIS_STREAM_MAX_LEN,
    &REDIS_AUDIT_LOGGING_ENABLED,
    &REDIS_CONSUMERS_ENABLED,
    &REDIS_CONSUMER_CONSECUTIVE_ERRORS_LIMIT,
    &REDIS_CONSUMER_POLL_TIMEOUT,
    &REDIS_CONSUMER_POLL_FAILURE_SLEEP,
    &REDIS_CONSUMERS_SHARE_EVENTS,
    &REDIS_CONSUMER_LEASE,
    &REDIS_CONSUMER_CLAIM_AFTER,
    &REDIS_WAIT_REPLICAS,
    &REDIS_WAIT_TIMEOUT,
    &KAFKA_BOOTSTRAP_SERVERS,
    &KAFKA_SCHEMA_REGISTRY_URL,
    &KAFKA_SCHEMA_REGISTRY_API_KEY,
    &KAFKA_SCHEMA_REGISTRY_API_SECRET,
    &KAFKA_SCHEMA_REGISTRY_CA_FILE,
    &KAFKA_SCHEMA_REGISTRY_CERTIFICATE_FILE,
    &KAFKA_SCHEMA_REGISTRY_KEY_FILE,
    &KAFKA_SCHEMA_REGISTRY_KEY_PASSWORD,
    &KAFKA_API_KEY,
    &KAFKA_API_SECRET,
    &KAFKA_AUDIT_LOGGING_ENABLED,
    &KAFKA_CONSUMERS_ENABLED,
    &KAFKA_CONSUMER_CONSECUTIVE_ERRORS_LIMIT,
    &KAFKA_CONSUMER_POLL_TIMEOUT,
    &KAFKA_CONSUMER_POLL_FAILURE_SLEEP,
    &KAFKA_POLL_INTERVAL_SEC,
    &KAFKA_AUTO_REGISTER_SCHEMAS,
    &KAFKA_SCHEMA_COMPATIBILITY,
    &KAFKA_PRODUCER_CONFIG,
    &KAFKA_CONSUMER_CONFIG,
    &KAFKA_TAKE_UNSAFE_CONFIG,
});

}  // namespace

std::span<const Declaration* const> all() { return declarations; }

const Declaration* find(std::string_view name) {
    const auto known = all();
    const auto at =
        std::find_if(known.begin(), known.end(), [&](const Declaration* d) { return d->name == name; });
    return at == known.end() ? nullptr : *at;
}

std::string_view nearest(std::string_view name) {
    std::vector<std::string_view> names;
    for (const Declaration* declaration : all()) names.push_back(declaration->name);
    return nearest_name(name, names);
}

}  // namespace eventbus::setting
