#include "backend.hpp"
#include "eventbus/broker/kafka/kafka_broker.hpp"
#include "tests/servers/kafka_cluster.hpp"
#include "tests/servers/schema_registry_server.hpp"

namespace eventbus::conformance {

namespace {

/// One broker and one registry for all tests of the program; each finds no topics.
struct Servers {
    servers::SchemaRegistryServer registry;
    servers::KafkaCluster kafka;
};

Servers& running() {
    static Servers both;
    return both;
}

class KafkaStore final : public TestStore {
  public:
    KafkaStore() {
        const auto admin = connect()->admin();
        for (const TopicInfo& topic : admin->topics()) admin->delete_topic(topic.name);
    }

    [[nodiscard]] std::shared_ptr<Broker> connect() override {
        KafkaOptions options;
        options.bootstrap_servers = running().kafka.addresses();
        options.registry.urls = {running().registry.url()};
        options.consumer_properties = {{"session.timeout.ms", "2000"}, {"heartbeat.interval.ms", "200"}};
        return make_kafka_broker(std::move(options));
    }

    void restart_server() override {
        running().kafka.stop();
        running().kafka.start();
    }
};

}  // namespace

const Backend& backend() {
    static const Backend kafka{
        .name = "kafka",
        .features = {.partitions = true,
                     .numbers_events = true,
                     .remembers_gaps = false,
                     .makes_topics = false,
                     .tells_schema = true,
                     .retention_by_age = false,
                     .retention_by_bytes = false,
                     .durable = true,
                     .processes = true,
                     .survives_fork = true,
                     .members_never_expire = false,
                     .reads_topics_in_turn = false,
                     .tells_dots_from_underscores = false,
                     .polls_the_store = false,
                     .groups_of_spaces = false,
                     .time_to_notice_members = std::chrono::milliseconds(2'000),
                     .largest_event = std::size_t{16} << 20,
                     .server = true},
        .make_store = [] { return std::make_unique<KafkaStore>(); },
    };
    return kafka;
}

}  // namespace eventbus::conformance
