#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "eventbus/broker/broker.hpp"
#include "eventbus/registry/schema_registry.hpp"

namespace eventbus {

struct KafkaOptions {
    /// As EVENT_BUS_KAFKA_BOOTSTRAP_SERVERS: `host:port`, several with commas.
    std::string bootstrap_servers;
    /// With both it logs in by SASL PLAIN over TLS.
    std::string user = {};
    std::string password = {};
    RegistryOptions registry = {};
    /// librdkafka's own properties for producers and consumers, which win over what is set here.
    std::map<std::string, std::string> producer_properties = {};
    std::map<std::string, std::string> consumer_properties = {};
    /// Takes also properties that break a promise: `acks`, `enable.idempotence`, `enable.auto.commit`, ...
    bool takes_unsafe_properties = false;
    /// How long a publish waits for the cluster to have an event.
    std::chrono::milliseconds patience{30'000};
    /// How long the end of a publisher waits for what is enqueued.
    std::chrono::milliseconds close_limit{10'000};
    /// A log line for every event that is sent and received.
    bool audit = false;
    ConsumerLimits consumer_limits = {};
    LogSink log = {};
};

/// The bus on Kafka with a schema registry, on the wire of edx-event-bus-kafka: metadata in headers, keys and
/// values framed with the ids of their schemas.
///
/// Promises: an event whose `publish` succeeded is on all replicas that are in sync, once and in the order of
/// its key (an idempotent producer). One that fails for want of an answer may be stored or not. Positions are
/// committed when events are acknowledged, and never pass one that is not. A member gives up a partition only
/// when all that it was handed of it is acknowledged. What was removed before the group read it is noticed
/// and logged. Topics are not made by asking for them. A process that forks may go on using the broker and
/// what it made in the child.
/// Throws SettingsError for properties that are none, or that break a promise.
[[nodiscard]] std::shared_ptr<Broker> make_kafka_broker(KafkaOptions options);

/// The registry of the EVENT_BUS_KAFKA_SCHEMA_* settings.
[[nodiscard]] RegistryOptions registry_options(const Settings& settings);

/// The same as the EVENT_BUS_KAFKA_* settings say.
[[nodiscard]] std::shared_ptr<Broker> make_kafka_broker(const Settings& settings, LogSink log);

}  // namespace eventbus
