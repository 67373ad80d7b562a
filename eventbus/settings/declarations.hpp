#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "eventbus/settings/setting.hpp"

/// Every setting of the project, declared once. The names and defaults that Open edX has are those of
/// openedx-events 11.2, edx-event-bus-redis 1.1 and edx-event-bus-kafka 6.2.
namespace eventbus::setting {

using Seconds = std::chrono::milliseconds;

namespace section {
inline constexpr std::string_view common = "Common";
inline constexpr std::string_view consumer = "Consumers";
inline constexpr std::string_view health = "Health of consumers";
inline constexpr std::string_view inbox = "Inbox of consumers";
inline constexpr std::string_view embedded = "Embedded bus";
inline constexpr std::string_view redis = "Redis";
inline constexpr std::string_view kafka = "Kafka";
}  // namespace section

inline constexpr std::int64_t a_day_of_seconds = 86'400;
/// The longest age, in seconds, that a clock of signed 64-bit nanoseconds holds with room to spare.
inline constexpr std::int64_t a_century_of_seconds = 3'153'600'000;

inline constexpr Setting<std::string> CONFIG{
    {.name = "EVENT_BUS_CONFIG",
     .section = section::common,
     .kind = SettingKind::path,
     .text = "A YAML file with settings, one `NAME: value` each; environment variables win over it. It is "
             "named by the environment only."}};

inline constexpr Setting<std::string> PRODUCER{
    {.name = "EVENT_BUS_PRODUCER",
     .section = section::common,
     .kind = SettingKind::backend,
     .text =
         "The backend that events are sent to: `embedded`, `memory`, `redis` or `kafka`. The Python names "
         "of Open edX settings (`edx_event_bus_redis.create_producer`) stand for the backend they mean. "
         "When it is not set, events go to handlers in the process only."}};

inline constexpr Setting<std::string> CONSUMER{
    {.name = "EVENT_BUS_CONSUMER",
     .section = section::common,
     .kind = SettingKind::backend,
     .text = "The backend that events are consumed from, named as in EVENT_BUS_PRODUCER "
             "(`edx_event_bus_redis.RedisEventConsumer`). When it is not set, consuming is an error."}};

inline constexpr Setting<std::string> TOPIC_PREFIX{
    {.name = "EVENT_BUS_TOPIC_PREFIX",
     .section = section::common,
     .kind = SettingKind::topic_prefix,
     .text = "Stands before every topic's name, with a hyphen, in sending and consuming. It keeps "
             "environments apart that share a server."}};

inline constexpr Setting<ProducerConfig> PRODUCER_CONFIG{
    {.name = "EVENT_BUS_PRODUCER_CONFIG",
     .section = section::common,
     .kind = SettingKind::producer_config,
     .fallback = "{}",
     .text = "Which events are sent to which topics, and by which key: "
             "`{event_type: {topic: {\"event_key_field\": \"user.id\", \"enabled\": true}}}`. JSON in the "
             "environment, YAML or JSON text in the file."}};

inline constexpr Setting<std::string> SERVICE_NAME{
    {.name = "EVENTS_SERVICE_NAME",
     .section = section::common,
     .text = "The service's name in the source of the events that it sends: `openedx/{name}/web`."}};

inline constexpr Setting<std::string> SERVICE_VARIANT{
    {.name = "SERVICE_VARIANT",
     .section = section::common,
     .text = "The service's name when EVENTS_SERVICE_NAME is not set."}};

inline constexpr std::array<std::string_view, 4> log_levels{"debug", "info", "warning", "error"};
inline constexpr Setting<std::string> LOG_LEVEL{
    {.name = "EVENT_BUS_LOG_LEVEL",
     .section = section::common,
     .kind = SettingKind::choice,
     .fallback = "info",
     .text = "The least serious log lines that the program writes to standard error.",
     .choices = log_levels}};

inline constexpr Setting<std::string> CONSUMER_START{
    {.name = "EVENT_BUS_CONSUMER_START",
     .section = section::consumer,
     .kind = SettingKind::start,
     .fallback = "earliest",
     .text = "Where a consumer group starts that has no position yet. `earliest` loses nothing that is still "
             "stored, `latest` takes new events only, a time (`2026-01-31T12:00:00Z`) takes what was stored "
             "since."}};

inline constexpr Setting<std::int64_t> CONSUMER_PREFETCH{
    {.name = "EVENT_BUS_CONSUMER_PREFETCH",
     .section = section::consumer,
     .kind = SettingKind::integer,
     .fallback = "1000",
     .text = "The most events that a consumer holds at a time; it bounds the memory that a consumer needs.",
     .least = 1,
     .most = 1'000'000}};

inline constexpr Setting<Seconds> CONSUMER_STOP_TIMEOUT{
    {.name = "EVENT_BUS_CONSUMER_STOP_TIMEOUT",
     .section = section::consumer,
     .kind = SettingKind::seconds,
     .fallback = "30",
     .text = "How long a consumer that is asked to stop (SIGTERM, SIGINT) may take to finish what it is "
             "handling. What it has not begun goes back at once.",
     .most = a_day_of_seconds}};

inline constexpr Setting<std::int64_t> CONSUMER_WORKERS{
    {.name = "EVENT_BUS_CONSUMER_WORKERS",
     .section = section::consumer,
     .kind = SettingKind::integer,
     .fallback = "1",
     .text =
         "How many events a consumer handles at a time. Events of one key are handled one after the other, "
         "however many there are.",
     .least = 1,
     .most = 1024}};

inline constexpr Setting<std::int64_t> CONSUMER_MAX_TRIES{
    {.name = "EVENT_BUS_CONSUMER_MAX_TRIES",
     .section = section::consumer,
     .kind = SettingKind::integer,
     .fallback = "5",
     .text =
         "How often a handler that fails is given an event, the first time counted, before the event goes "
         "to the dead letters.",
     .least = 1,
     .most = 1'000'000}};

inline constexpr Setting<Seconds> CONSUMER_RETRY_PAUSE{
    {.name = "EVENT_BUS_CONSUMER_RETRY_PAUSE",
     .section = section::consumer,
     .kind = SettingKind::seconds,
     .fallback = "1",
     .text = "The pause before a handler that failed is tried again. It doubles from try to try.",
     .most = a_day_of_seconds}};

inline constexpr Setting<Seconds> CONSUMER_RETRY_LONGEST_PAUSE{
    {.name = "EVENT_BUS_CONSUMER_RETRY_LONGEST_PAUSE",
     .section = section::consumer,
     .kind = SettingKind::seconds,
     .fallback = "60",
     .text = "What the pause before a further try grows to at most.",
     .most = a_day_of_seconds}};

inline constexpr Setting<bool> CONSUMER_DEAD_LETTERS{
    {.name = "EVENT_BUS_CONSUMER_DEAD_LETTERS",
     .section = section::consumer,
     .kind = SettingKind::boolean,
     .fallback = "true",
     .text = "Whether an event that could not be handled is kept in the group's dead-letter topic. `false` "
             "logs it as an error and acknowledges it, as the Python consumers do."}};

inline constexpr Setting<bool> CONSUMER_KEEP_KEY_ORDER{
    {.name = "EVENT_BUS_CONSUMER_KEEP_KEY_ORDER",
     .section = section::consumer,
     .kind = SettingKind::boolean,
     .fallback = "false",
     .text =
         "`true` sends an event to the dead letters as long as an earlier one of its key is there, so that "
         "they are handled in order when they are sent on again."}};

inline constexpr Setting<Seconds> CONSUMER_HANDLER_TIME_LIMIT{
    {.name = "EVENT_BUS_CONSUMER_HANDLER_TIME_LIMIT",
     .section = section::consumer,
     .kind = SettingKind::seconds,
     .fallback = "60",
     .text = "How long one call of a handler may take before it is reported and counted. It is not "
             "interrupted. 0 is no limit.",
     .most = a_day_of_seconds}};

inline constexpr Setting<std::string> CONSUMER_HEARTBEAT_FILE{
    {.name = "EVENT_BUS_CONSUMER_HEARTBEAT_FILE",
     .section = section::health,
     .kind = SettingKind::path,
     .text = "A file that a consumer touches about once a second as long as it is well, and removes when it "
             "ends in order."}};

inline constexpr Setting<std::int64_t> CONSUMER_HEALTH_PORT{
    {.name = "EVENT_BUS_CONSUMER_HEALTH_PORT",
     .section = section::health,
     .kind = SettingKind::integer,
     .fallback = "0",
     .text =
         "The port on which a consumer answers `GET /healthz` over HTTP: 200 when it is well, else 503 with "
         "the reason. 0 is none.",
     .most = 65'535}};

inline constexpr Setting<std::string> CONSUMER_HEALTH_ADDRESS{
    {.name = "EVENT_BUS_CONSUMER_HEALTH_ADDRESS",
     .section = section::health,
     .fallback = "0.0.0.0",
     .text = "The address of the interface that answers there: `0.0.0.0` is all of them, `127.0.0.1` this "
             "machine's own."}};

inline constexpr Setting<Seconds> CONSUMER_HEARTBEAT_TIMEOUT{
    {.name = "EVENT_BUS_CONSUMER_HEARTBEAT_TIMEOUT",
     .section = section::health,
     .kind = SettingKind::seconds,
     .fallback = "60",
     .text = "After how long without a sign of life a consumer counts as hanging. Longer than any call of a "
             "handler may take.",
     .least = 1,
     .most = a_day_of_seconds}};

inline constexpr Setting<std::string> INBOX_PATH{
    {.name = "EVENT_BUS_INBOX_PATH",
     .section = section::inbox,
     .kind = SettingKind::path,
     .fallback = "$XDG_STATE_HOME/eventbus/inbox.db",
     .text =
         "The SQLite file that remembers which events handlers have finished, made when it is not there. It "
         "may hold a service's own tables. Without XDG_STATE_HOME the default is "
         "`$HOME/.local/state/eventbus/inbox.db`."}};

inline constexpr Setting<Seconds> INBOX_RETENTION{
    {.name = "EVENT_BUS_INBOX_RETENTION",
     .section = section::inbox,
     .kind = SettingKind::seconds,
     .fallback = "604800",
     .text =
         "How long it is remembered that a handler has finished an event. The default is seven days; 0 is "
         "for ever.",
     .most = a_century_of_seconds}};

inline constexpr Setting<std::string> EMBEDDED_PATH{
    {.name = "EVENT_BUS_EMBEDDED_PATH",
     .section = section::embedded,
     .kind = SettingKind::path,
     .fallback = "$XDG_STATE_HOME/eventbus/events.db",
     .text = "The file that holds the embedded bus, made when it is not there. All processes that name the "
             "same file share one bus. Without XDG_STATE_HOME the default is "
             "`$HOME/.local/state/eventbus/events.db`."}};

inline constexpr Setting<std::int64_t> EMBEDDED_PARTITIONS{
    {.name = "EVENT_BUS_EMBEDDED_PARTITIONS",
     .section = section::embedded,
     .kind = SettingKind::integer,
     .fallback = "8",
     .text = "How many partitions the embedded bus gives a new topic: the most members of a group that work "
             "on it at a time.",
     .least = 1,
     .most = 1024}};

inline constexpr Setting<Seconds> EMBEDDED_RETENTION_AGE{
    {.name = "EVENT_BUS_EMBEDDED_RETENTION_AGE",
     .section = section::embedded,
     .kind = SettingKind::seconds,
     .fallback = "604800",
     .text =
         "How long a new topic of the embedded bus keeps its events, handled or not. The default is seven "
         "days; 0 keeps them for ever.",
     .most = a_century_of_seconds}};

inline constexpr Setting<std::int64_t> EMBEDDED_RETENTION_BYTES{
    {.name = "EVENT_BUS_EMBEDDED_RETENTION_BYTES",
     .section = section::embedded,
     .kind = SettingKind::integer,
     .fallback = "0",
     .text = "How many bytes of events a new topic of the embedded bus keeps before the oldest go; 0 for any "
             "number."}};

inline constexpr std::array<std::string_view, 3> sync_choices{"full", "normal", "off"};
inline constexpr Setting<std::string> EMBEDDED_SYNC{
    {.name = "EVENT_BUS_EMBEDDED_SYNC",
     .section = section::embedded,
     .kind = SettingKind::choice,
     .fallback = "full",
     .text =
         "What a send on the embedded bus waits for. `full` waits for the disk, so that a power cut loses "
         "nothing; `normal` and `off` wait for the operating system, which keeps events through the death "
         "of any process but may lose the last ones in a power cut.",
     .choices = sync_choices}};

inline constexpr Setting<bool> EMBEDDED_CONSUMERS_ENABLED{
    {.name = "EVENT_BUS_EMBEDDED_CONSUMERS_ENABLED",
     .section = section::embedded,
     .kind = SettingKind::boolean,
     .fallback = "true",
     .text = "`false` makes consumers of the embedded bus end as soon as they start: a switch for "
             "emergencies."}};

inline constexpr Setting<std::int64_t> EMBEDDED_CONSUMER_CONSECUTIVE_ERRORS_LIMIT{
    {.name = "EVENT_BUS_EMBEDDED_CONSUMER_CONSECUTIVE_ERRORS_LIMIT",
     .section = section::embedded,
     .kind = SettingKind::integer,
     .fallback = "0",
     .text =
         "After how many errors in a row a consumer of the embedded bus ends with an error, to be started "
         "afresh by what supervises it; 0 for never."}};

inline constexpr std::array<std::string_view, 5> redis_schemes{"redis", "rediss", "unix", "redis+sentinel",
                                                               "rediss+sentinel"};
inline constexpr Setting<std::string> REDIS_CONNECTION_URL{
    {.name = "EVENT_BUS_REDIS_CONNECTION_URL",
     .section = section::redis,
     .kind = SettingKind::url,
     .secrecy = Secrecy::url_password,
     .text =
         "Where the Redis backend connects: `redis://user:password@host:6379/0`, `rediss://...` with TLS, "
         "`unix:///run/redis.sock`, or `redis+sentinel://host:26379,host:26379/service/0` for the master "
         "that sentinels know. The Python client's parameters (`?socket_timeout=2&ssl_ca_certs=...`) are "
         "understood. Passwords are hidden wherever settings are shown.",
     .choices = redis_schemes}};

inline constexpr Setting<std::int64_t> REDIS_STREAM_MAX_LEN{
    {.name = "EVENT_BUS_REDIS_STREAM_MAX_LEN",
     .section = section::redis,
     .kind = SettingKind::integer,
     .fallback = "10000",
     .text = "About how many events of a topic the Redis backend keeps; Redis trims the oldest beyond it.",
     .least = 1}};

inline constexpr Setting<bool> REDIS_AUDIT_LOGGING_ENABLED{
    {.name = "EVENT_BUS_REDIS_AUDIT_LOGGING_ENABLED",
     .section = section::redis,
     .kind = SettingKind::boolean,
     .fallback = "true",
     .text = "Whether the Redis backend logs a line for every event that it sends and receives."}};

inline constexpr Setting<bool> REDIS_CONSUMERS_ENABLED{
    {.name = "EVENT_BUS_REDIS_CONSUMERS_ENABLED",
     .section = section::redis,
     .kind = SettingKind::boolean,
     .fallback = "true",
     .text = "`false` makes consumers of the Redis backend end as soon as they start: a switch for "
             "emergencies."}};

inline constexpr Setting<std::int64_t> REDIS_CONSUMER_CONSECUTIVE_ERRORS_LIMIT{
    {.name = "EVENT_BUS_REDIS_CONSUMER_CONSECUTIVE_ERRORS_LIMIT",
     .section = section::redis,
     .kind = SettingKind::integer,
     .fallback = "0",
     .text = "After how many errors in a row a consumer of the Redis backend ends with an error, to be "
             "started afresh by what supervises it; 0 for never."}};

inline constexpr Setting<Seconds> REDIS_CONSUMER_POLL_TIMEOUT{
    {.name = "EVENT_BUS_REDIS_CONSUMER_POLL_TIMEOUT",
     .section = section::redis,
     .kind = SettingKind::seconds,
     .fallback = "60",
     .text = "How long one read of the Redis backend waits for an event.",
     .most = a_day_of_seconds}};

inline constexpr Setting<Seconds> REDIS_CONSUMER_POLL_FAILURE_SLEEP{
    {.name = "EVENT_BUS_REDIS_CONSUMER_POLL_FAILURE_SLEEP",
     .section = section::redis,
     .kind = SettingKind::seconds,
     .fallback = "1.0",
     .text = "How long a consumer of the Redis backend waits after a read that failed, and twice as long "
             "after each "
             "further one, up to ten seconds.",
     .most = a_day_of_seconds}};

inline constexpr Setting<bool> REDIS_CONSUMERS_SHARE_EVENTS{
    {.name = "EVENT_BUS_REDIS_CONSUMERS_SHARE_EVENTS",
     .section = section::redis,
     .kind = SettingKind::boolean,
     .fallback = "false",
     .text =
         "`false`: one consumer of a group at a time takes a topic's events, and the others stand by, so "
         "that "
         "events of a key are handled in order. `true`: all take events at once, as the Python consumers do, "
         "in no order among them."}};

inline constexpr Setting<Seconds> REDIS_CONSUMER_LEASE{
    {.name = "EVENT_BUS_REDIS_CONSUMER_LEASE",
     .section = section::redis,
     .kind = SettingKind::seconds,
     .fallback = "15",
     .text =
         "After how long without a sign of life the consumer that takes a topic's events is taken for dead, "
         "and "
         "another takes its place and what it had not finished. One that ends in order makes room at once.",
     .least = 1,
     .most = a_day_of_seconds}};

inline constexpr Setting<Seconds> REDIS_CONSUMER_CLAIM_AFTER{
    {.name = "EVENT_BUS_REDIS_CONSUMER_CLAIM_AFTER",
     .section = section::redis,
     .kind = SettingKind::seconds,
     .fallback = "60",
     .text =
         "After how long an event that any consumer of the group was given and has not acknowledged goes to "
         "another. A consumer of this project that lives keeps its events however long it takes; a Python "
         "consumer that takes longer may see its event handled a second time. `claim_msgs_older_than` of "
         "`--extra` (milliseconds) wins over it.",
     .least = 1,
     .most = a_day_of_seconds}};

inline constexpr Setting<std::int64_t> REDIS_WAIT_REPLICAS{
    {.name = "EVENT_BUS_REDIS_WAIT_REPLICAS",
     .section = section::redis,
     .kind = SettingKind::integer,
     .fallback = "0",
     .text =
         "How many replicas must have an event before sending it succeeds (Redis' WAIT). 0 does not wait.",
     .most = 1000}};

inline constexpr Setting<Seconds> REDIS_WAIT_TIMEOUT{
    {.name = "EVENT_BUS_REDIS_WAIT_TIMEOUT",
     .section = section::redis,
     .kind = SettingKind::seconds,
     .fallback = "1",
     .text = "How long sending waits for the replicas of EVENT_BUS_REDIS_WAIT_REPLICAS.",
     .most = a_day_of_seconds}};

inline constexpr Setting<std::string> KAFKA_BOOTSTRAP_SERVERS{
    {.name = "EVENT_BUS_KAFKA_BOOTSTRAP_SERVERS",
     .section = section::kafka,
     .text = "Where the Kafka backend finds the cluster: `host:port`, several with commas between."}};

inline constexpr std::array<std::string_view, 2> registry_schemes{"http", "https"};
inline constexpr Setting<std::string> KAFKA_SCHEMA_REGISTRY_URL{
    {.name = "EVENT_BUS_KAFKA_SCHEMA_REGISTRY_URL",
     .section = section::kafka,
     .kind = SettingKind::url,
     .secrecy = Secrecy::url_password,
     .text = "The schema registry of the Kafka backend: `https://host:8081`. A password in it is hidden "
             "wherever settings are shown.",
     .choices = registry_schemes}};

inline constexpr Setting<std::string> KAFKA_SCHEMA_REGISTRY_API_KEY{
    {.name = "EVENT_BUS_KAFKA_SCHEMA_REGISTRY_API_KEY",
     .section = section::kafka,
     .text = "The user name with which the Kafka backend logs in at the schema registry."}};

inline constexpr Setting<std::string> KAFKA_SCHEMA_REGISTRY_API_SECRET{
    {.name = "EVENT_BUS_KAFKA_SCHEMA_REGISTRY_API_SECRET",
     .section = section::kafka,
     .secrecy = Secrecy::secret,
     .text = "The password with which the Kafka backend logs in at the schema registry."}};

inline constexpr Setting<std::string> KAFKA_SCHEMA_REGISTRY_CA_FILE{
    {.name = "EVENT_BUS_KAFKA_SCHEMA_REGISTRY_CA_FILE",
     .section = section::kafka,
     .kind = SettingKind::path,
     .text = "A file in PEM with those who sign the schema registry's certificate, where the system does not "
             "know them."}};

inline constexpr Setting<std::string> KAFKA_SCHEMA_REGISTRY_CERTIFICATE_FILE{
    {.name = "EVENT_BUS_KAFKA_SCHEMA_REGISTRY_CERTIFICATE_FILE",
     .section = section::kafka,
     .kind = SettingKind::path,
     .text = "A file in PEM with the certificate that is shown to the schema registry."}};

inline constexpr Setting<std::string> KAFKA_SCHEMA_REGISTRY_KEY_FILE{
    {.name = "EVENT_BUS_KAFKA_SCHEMA_REGISTRY_KEY_FILE",
     .section = section::kafka,
     .kind = SettingKind::path,
     .text = "A file in PEM with the key of EVENT_BUS_KAFKA_SCHEMA_REGISTRY_CERTIFICATE_FILE."}};

inline constexpr Setting<std::string> KAFKA_SCHEMA_REGISTRY_KEY_PASSWORD{
    {.name = "EVENT_BUS_KAFKA_SCHEMA_REGISTRY_KEY_PASSWORD",
     .section = section::kafka,
     .secrecy = Secrecy::secret,
     .text = "The password of EVENT_BUS_KAFKA_SCHEMA_REGISTRY_KEY_FILE."}};

inline constexpr Setting<std::string> KAFKA_API_KEY{
    {.name = "EVENT_BUS_KAFKA_API_KEY",
     .section = section::kafka,
     .text = "The user name with which the Kafka backend logs in at the cluster (SASL PLAIN over TLS). It "
             "logs in when both the key and the secret are set."}};

inline constexpr Setting<std::string> KAFKA_API_SECRET{
    {.name = "EVENT_BUS_KAFKA_API_SECRET",
     .section = section::kafka,
     .secrecy = Secrecy::secret,
     .text = "The password with which the Kafka backend logs in at the cluster."}};

inline constexpr Setting<bool> KAFKA_AUDIT_LOGGING_ENABLED{
    {.name = "EVENT_BUS_KAFKA_AUDIT_LOGGING_ENABLED",
     .section = section::kafka,
     .kind = SettingKind::boolean,
     .fallback = "true",
     .text = "Whether the Kafka backend logs a line for every event that it sends and receives."}};

inline constexpr Setting<bool> KAFKA_CONSUMERS_ENABLED{
    {.name = "EVENT_BUS_KAFKA_CONSUMERS_ENABLED",
     .section = section::kafka,
     .kind = SettingKind::boolean,
     .fallback = "true",
     .text = "`false` makes consumers of the Kafka backend end as soon as they start: a switch for "
             "emergencies."}};

inline constexpr Setting<std::int64_t> KAFKA_CONSUMER_CONSECUTIVE_ERRORS_LIMIT{
    {.name = "EVENT_BUS_KAFKA_CONSUMER_CONSECUTIVE_ERRORS_LIMIT",
     .section = section::kafka,
     .kind = SettingKind::integer,
     .fallback = "0",
     .text = "After how many errors in a row a consumer of the Kafka backend ends with an error, to be "
             "started afresh by what supervises it; 0 for never."}};

inline constexpr Setting<Seconds> KAFKA_CONSUMER_POLL_TIMEOUT{
    {.name = "EVENT_BUS_KAFKA_CONSUMER_POLL_TIMEOUT",
     .section = section::kafka,
     .kind = SettingKind::seconds,
     .fallback = "1.0",
     .text = "How long one poll of the Kafka backend waits for an event.",
     .most = a_day_of_seconds}};

inline constexpr Setting<Seconds> KAFKA_CONSUMER_POLL_FAILURE_SLEEP{
    {.name = "EVENT_BUS_KAFKA_CONSUMER_POLL_FAILURE_SLEEP",
     .section = section::kafka,
     .kind = SettingKind::seconds,
     .fallback = "1.0",
     .text = "How long a consumer of the Kafka backend waits after a poll that failed.",
     .most = a_day_of_seconds}};

inline constexpr Setting<Seconds> KAFKA_POLL_INTERVAL_SEC{
    {.name = "EVENT_BUS_KAFKA_POLL_INTERVAL_SEC",
     .section = section::kafka,
     .kind = SettingKind::seconds,
     .fallback = "1.0",
     .text = "How often the Python producer asks Kafka for delivery reports. It is known here so that it can "
             "stay in the settings; nothing reads it.",
     .most = a_day_of_seconds}};

inline constexpr Setting<bool> KAFKA_AUTO_REGISTER_SCHEMAS{
    {.name = "EVENT_BUS_KAFKA_AUTO_REGISTER_SCHEMAS",
     .section = section::kafka,
     .kind = SettingKind::boolean,
     .fallback = "true",
     .text = "Whether the Kafka backend registers schemas that the schema registry does not have. `false` "
             "fails to send events whose schema is not registered."}};

inline constexpr std::array<std::string_view, 7> compatibilities{
    "NONE", "FORWARD", "FORWARD_TRANSITIVE", "BACKWARD", "BACKWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE"};
inline constexpr Setting<std::string> KAFKA_SCHEMA_COMPATIBILITY{
    {.name = "EVENT_BUS_KAFKA_SCHEMA_COMPATIBILITY",
     .section = section::kafka,
     .kind = SettingKind::choice,
     .fallback = "FORWARD_TRANSITIVE",
     .text = "What a changed schema has to keep up with the versions that are registered before it: checked "
             "before it is registered, besides the registry's own rule. `FORWARD_TRANSITIVE`, the rule of "
             "Open edX events: consumers with any older version can read it. `NONE` leaves it to the "
             "registry.",
     .choices = compatibilities}};

inline constexpr Setting<std::string> KAFKA_PRODUCER_CONFIG{
    {.name = "EVENT_BUS_KAFKA_PRODUCER_CONFIG",
     .section = section::kafka,
     .secrecy = Secrecy::secret,
     .text = "More properties of librdkafka for senders, as a JSON object: `{\"compression.type\": "
             "\"zstd\"}`. They win over the bus's own."}};

inline constexpr Setting<std::string> KAFKA_CONSUMER_CONFIG{
    {.name = "EVENT_BUS_KAFKA_CONSUMER_CONFIG",
     .section = section::kafka,
     .secrecy = Secrecy::secret,
     .text = "More properties of librdkafka for consumers, as a JSON object: `{\"group.instance.id\": "
             "\"worker-1\"}`. Those of the connection hold for whatever reads or asks."}};

inline constexpr Setting<bool> KAFKA_TAKE_UNSAFE_CONFIG{
    {.name = "EVENT_BUS_KAFKA_TAKE_UNSAFE_CONFIG",
     .section = section::kafka,
     .kind = SettingKind::boolean,
     .fallback = "false",
     .text = "Takes also properties that break a promise of the bus, such as `acks` below `all`."}};

/// All of them, in the order of the reference.
[[nodiscard]] std::span<const Declaration* const> all();

/// By name; null when there is none.
[[nodiscard]] const Declaration* find(std::string_view name);

/// The known name that is nearest to `name` by the number of letters to change; empty when none is near.
[[nodiscard]] std::string_view nearest(std::string_view name);

}  // namespace eventbus::setting
