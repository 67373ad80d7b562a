// A Kafka broker and a schema registry: prints their addresses as a line of JSON, and ends them when its
// standard input ends.
#include <cstdio>
#include <exception>
#include <iostream>

#include "tests/servers/kafka_cluster.hpp"
#include "tests/servers/schema_registry_server.hpp"

int main() {
    try {
        const eventbus::servers::SchemaRegistryServer registry;
        const eventbus::servers::KafkaCluster kafka;
        std::cout << R"({"kafka": ")" << kafka.addresses() << R"(", "registry": ")" << registry.url() << "\"}"
                  << std::endl;
        while (std::getchar() != EOF) {
        }
        return 0;
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
