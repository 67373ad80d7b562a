#include "eventbus/broker/kafka/options.hpp"

#include <array>
#include <utility>

#include "eventbus/broker/kafka/group_members.hpp"
#include "eventbus/event/error.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus::kafka_topics {

namespace {

using kafka::Properties;

// As large as an event may be on the other backends; what a topic takes is its own setting.
constexpr std::string_view largest_message = "67108864";

struct Promise {
    std::string_view property;
    /// The values that keep it.
    std::array<std::string_view, 2> kept_by;
    std::string_view broken;
};

constexpr std::array<Promise, 2> promises_to_senders{
    {{"acks", {"all", "-1"}, "an event that was reported as sent could be lost with one broker"},
     {"enable.idempotence", {"true", "true"}, "events could be stored twice, and out of order"}}};
constexpr std::array<Promise, 4> promises_to_handlers{
    {{"enable.auto.commit", {"false", "false"}, "events that were not handled would count as handled"},
     {"enable.auto.offset.store", {"false", "false"}, "events that were not handled would count as handled"},
     {"auto.offset.reset", {"earliest", "smallest"}, "events that are there would not be read"},
     {"allow.auto.create.topics", {"false", "false"}, "topics would be made by asking for them"}}};

/// What librdkafka made of the properties: it knows some by several names, and values by several spellings.
std::string value_of(const kafka::Configuration& configuration, std::string_view property) {
    constexpr std::size_t longest_value = 64;
    std::array<char, longest_value> value{};
    std::size_t size = value.size();
    const std::string name(property);
    if (rd_kafka_conf_get(configuration.get(), name.c_str(), value.data(), &size) != RD_KAFKA_CONF_OK)
        return {};
    return value.data();
}

template <std::size_t count>
void check_promises(const Properties& properties, const std::array<Promise, count>& promises,
                    std::string_view setting) {
    const kafka::Configuration configuration = kafka::make_configuration(properties);
    for (const Promise& promise : promises) {
        const std::string value = value_of(configuration, promise.property);
        if (value == promise.kept_by[0] || value == promise.kept_by[1]) continue;
        throw SettingsError(std::string(setting) + ": " + std::string(promise.property) + "=" + quote(value) +
                            " breaks a promise of the bus: " + std::string(promise.broken) +
                            "; EVENT_BUS_KAFKA_TAKE_UNSAFE_CONFIG=true takes it all the same");
    }
}

void check(const Properties& properties, std::string_view setting) {
    try {
        static_cast<void>(kafka::make_configuration(properties));
    } catch (const SettingsError& error) {
        throw SettingsError(std::string(setting) + ": " + error.what());
    }
}

void add(Properties& properties, const Properties& more) {
    for (const auto& [name, value] : more) properties.insert_or_assign(name, value);
}

}  // namespace

Options::Options(KafkaOptions given) : KafkaOptions(std::move(given)) {
    if (bootstrap_servers.empty())
        throw SettingsError("EVENT_BUS_KAFKA_BOOTSTRAP_SERVERS must be set for the Kafka backend: host:9092");
    check(producer_properties, "EVENT_BUS_KAFKA_PRODUCER_CONFIG");
    check(consumer_properties, "EVENT_BUS_KAFKA_CONSUMER_CONFIG");
    if (!takes_unsafe_properties) {
        check_promises(for_producer(), promises_to_senders, "EVENT_BUS_KAFKA_PRODUCER_CONFIG");
        check_promises(for_member("group", {}), promises_to_handlers, "EVENT_BUS_KAFKA_CONSUMER_CONFIG");
    }
    schemas = std::make_shared<SchemaRegistry>(registry, log);
}

void Options::write_log(LogLevel level, std::string_view message) const {
    if (log) log(level, message);
}

Properties Options::common() const {
    Properties properties{{"bootstrap.servers", bootstrap_servers},
                          {"client.id", "eventbus"},
                          {"log.connection.close", "false"},
                          {"reconnect.backoff.max.ms", "1000"}};
    if (!user.empty() && !password.empty())
        add(properties, {{"security.protocol", "SASL_SSL"},
                         {"sasl.mechanism", "PLAIN"},
                         {"sasl.username", user},
                         {"sasl.password", password}});
    return properties;
}

Properties Options::for_producer() const {
    Properties properties = common();
    add(properties, {{"enable.idempotence", "true"},
                     {"message.max.bytes", std::string(largest_message)},
                     {"message.timeout.ms", std::to_string(patience.count())},
                     // A single send waits for nobody; what is sent meanwhile is sent together.
                     {"linger.ms", "0"}});
    add(properties, producer_properties);
    return properties;
}

Properties Options::for_reader() const {
    Properties properties = common();
    add(properties, {{"enable.auto.commit", "false"},
                     {"enable.auto.offset.store", "false"},
                     {"auto.offset.reset", "earliest"},
                     {"enable.partition.eof", "true"},
                     // Its end waits for the request that is under way.
                     {"fetch.wait.max.ms", "10"}});
    add_connection(properties);
    return properties;
}

Properties Options::for_admin() const {
    Properties properties = common();
    // It is never in this group; librdkafka needs one to ask about others (kafka/group_client.hpp).
    properties.insert_or_assign("group.id", "eventbus");
    add_connection(properties);
    return properties;
}

void Options::add_connection(Properties& properties) const {
    for (const auto& [name, value] : consumer_properties)
        for (const std::string_view part :
             {"security.", "sasl.", "ssl.", "enable.sasl.", "enable.ssl.", "socket.", "broker."})
            if (name.starts_with(part)) properties.insert_or_assign(name, value);
}

Properties Options::for_member(const std::string& group, const std::string& member) const {
    Properties properties = common();
    add(properties, {{"group.id", group},
                     {"enable.auto.commit", "false"},
                     {"enable.auto.offset.store", "false"},
                     {"auto.offset.reset", "earliest"},
                     // What the Python consumers have, so that both can share a group.
                     {"partition.assignment.strategy", "range,roundrobin"},
                     // A member that lives keeps what it was handed, however long its handlers take.
                     {"max.poll.interval.ms", "86400000"},
                     {"queued.max.messages.kbytes", "65536"},
                     // How soon a topic is noticed that is made later. A question of ours would wait behind a
                     // fetch that waits for events, and hold up those that come from other brokers.
                     {"topic.metadata.refresh.interval.ms", "1000"}});
    add(properties, consumer_properties);
    const auto own_id = consumer_properties.find("client.id");
    properties["client.id"] =
        client_id_of(!member.empty() || own_id == consumer_properties.end() ? member : own_id->second);
    return properties;
}

}  // namespace eventbus::kafka_topics
