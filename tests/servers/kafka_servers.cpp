// Kafka brokers and a schema registry: prints where they are as a line of JSON, and ends them when its
// standard input ends. kafka_servers [--brokers N] [--certificates] [PROPERTY=VALUE...] With certificates
// there are the listeners that ask for a certificate, or for a name and a password.
#include <cstdio>
#include <exception>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "tests/servers/certificates.hpp"
#include "tests/servers/kafka_cluster.hpp"
#include "tests/servers/schema_registry_server.hpp"

namespace {

using eventbus::servers::KafkaCluster;
using eventbus::servers::TestCertificates;

using Json = nlohmann::json;

constexpr const char* password_of_the_key = "key-pass-word";

struct Arguments {
    KafkaCluster::Options options;
    bool wants_certificates = false;
};

Arguments read(std::span<char*> words) {
    Arguments arguments;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string_view word = words[i];
        if (word == "--certificates") {
            arguments.wants_certificates = true;
        } else if (word == "--brokers" && i + 1 < words.size()) {
            arguments.options.brokers = std::stoul(words[++i]);
        } else if (word.find('=') != std::string_view::npos) {
            arguments.options.properties.emplace_back(word);
        } else {
            throw std::runtime_error("unknown argument: " + std::string(word));
        }
    }
    return arguments;
}

Json described(const TestCertificates& certificates) {
    return {{"authority", certificates.authority()},
            {"other_authority", certificates.other_authority()},
            {"client_certificate", certificates.client().certificate},
            {"client_key", certificates.client().key},
            {"encrypted_client_key", certificates.encrypted_client_key(password_of_the_key)},
            {"client_key_password", password_of_the_key},
            {"server_certificate", certificates.server().certificate},
            {"server_key", certificates.server().key},
            {"misnamed_certificate", certificates.misnamed_server().certificate},
            {"misnamed_key", certificates.misnamed_server().key},
            {"expired_certificate", certificates.expired_server().certificate},
            {"expired_key", certificates.expired_server().key}};
}

void serve(Arguments arguments) {
    std::optional<TestCertificates> certificates;
    if (arguments.wants_certificates) arguments.options.certificates = &certificates.emplace();
    const eventbus::servers::SchemaRegistryServer registry;
    const KafkaCluster kafka(arguments.options);
    Json told{{"kafka", kafka.addresses()}, {"registry", registry.url()}};
    if (certificates) {
        told.update(described(*certificates));
        for (const char* const listener : {"SSL", "SASL_PLAINTEXT", "SASL_SSL"})
            told[listener] = kafka.addresses(listener);
        told["user"] = KafkaCluster::user;
        told["password"] = KafkaCluster::password;
    }
    std::cout << told.dump() << std::endl;
    while (std::getchar() != EOF) {
    }
}

}  // namespace

int main(int count, char** words) {
    try {
        serve(read(std::span(words, static_cast<std::size_t>(count)).subspan(1)));
        return 0;
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
