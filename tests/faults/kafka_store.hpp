#pragma once

#include <librdkafka/rdkafka.h>

#include <map>
#include <memory>

#include "store.hpp"
#include "tests/servers/kafka_cluster.hpp"
#include "tests/servers/proxy.hpp"
#include "tests/servers/schema_registry_server.hpp"

namespace eventbus::faults {

/// Kafka, as librdkafka sees it without the library; the topics that services and peers use are there, with
/// three partitions.
class KafkaStore : public Store {
  public:
    /// On a cluster and with a registry of its own, which services reach by a network that can be cut.
    explicit KafkaStore(const servers::KafkaCluster::Options& options);
    ~KafkaStore() override;

    [[nodiscard]] std::string address() const override;
    [[nodiscard]] std::vector<std::string> settings() const override;
    [[nodiscard]] std::vector<StoredRecord> records(const std::string& topic) const override;
    [[nodiscard]] std::uint64_t lag(const std::string& topic, const std::string& group) const override;
    [[nodiscard]] std::string integrity() const override;
    [[nodiscard]] std::chrono::seconds short_run() const override { return std::chrono::seconds(2); }

    [[nodiscard]] servers::KafkaCluster& cluster() { return cluster_; }
    /// Between services and the registry.
    [[nodiscard]] servers::Proxy& way_to_registry() { return way_to_registry_; }
    /// More of the consumers' configuration, which wins: a JSON object's members behind a comma.
    void configure_consumers(std::string members) { consumer_properties_ = std::move(members); }

  private:
    struct DestroyClient {
        void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
    };
    using Client = std::unique_ptr<rd_kafka_t, DestroyClient>;

    [[nodiscard]] Client make_client(const std::string& group) const;
    [[nodiscard]] rd_kafka_t* client_of(const std::string& group) const;
    [[nodiscard]] std::string registry_url() const;
    void make_topic(const std::string& name) const;

    servers::SchemaRegistryServer registry_;
    servers::Proxy way_to_registry_;
    servers::KafkaCluster cluster_;
    std::string listener_;
    std::string consumer_properties_;
    mutable std::map<std::string, Client> clients_;
};

}  // namespace eventbus::faults
