#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/servers/certificates.hpp"
#include "tests/servers/process.hpp"
#include "tests/servers/proxy.hpp"

namespace eventbus::servers {

/// Kafka brokers of one cluster on the loopback, each in a directory of its own; they end with this object,
/// and with the thread that started them. Topics are not made by asking for them. One broker is its own
/// controller; several have one besides them, so that each of them may die.
class KafkaCluster {
  public:
    /// Who may come in by the listeners that ask for a name.
    static constexpr std::string_view user = "service";
    static constexpr std::string_view password = "pass-word";

    struct Options {
        std::size_t brokers = 1;
        /// More of server.properties, a line each: `auto.create.topics.enable=true`.
        std::vector<std::string> properties = {};
        /// With these there are the listeners SSL, which asks for a certificate of the authority,
        /// SASL_PLAINTEXT and SASL_SSL, with PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 and OAUTHBEARER (unsecured
        /// tokens). They have to outlive the cluster.
        const TestCertificates* certificates = nullptr;
        /// Each broker has a listener DISTANT too, behind a network of its own.
        bool is_distant = false;
    };

    /// Started, and answering. Throws std::runtime_error when they do not within a minute.
    KafkaCluster() : KafkaCluster(Options{}) {}
    explicit KafkaCluster(Options options);
    KafkaCluster(const KafkaCluster&) = delete;
    KafkaCluster& operator=(const KafkaCluster&) = delete;
    ~KafkaCluster();

    /// Addresses of all brokers, with commas. Listeners: `PLAINTEXT`, with certificates `SSL`,
    /// `SASL_PLAINTEXT` and `SASL_SSL`, and `DISTANT`.
    [[nodiscard]] std::string addresses(std::string_view listener = "PLAINTEXT") const;
    [[nodiscard]] std::uint16_t port(std::size_t broker = 0) const;
    /// Where one broker listens without asking for anything.
    [[nodiscard]] std::string address(std::size_t broker = 0) const;

    /// Between clients and a broker's listener DISTANT.
    [[nodiscard]] Proxy& network(std::size_t broker = 0);

    /// Ends a broker in order (SIGTERM), or at once (SIGKILL).
    void stop(std::size_t broker = 0);
    void kill(std::size_t broker = 0);
    /// Starts it again on the same ports, with what it kept. Throws as the constructor.
    void start(std::size_t broker = 0);
    /// The same, without waiting until it answers.
    void launch(std::size_t broker = 0);
    /// Waits until all brokers that run answer. Throws as the constructor.
    void wait_until_ready();
    /// It answers nothing until `resume` (SIGSTOP, SIGCONT).
    void pause(std::size_t broker = 0) const;
    void resume(std::size_t broker = 0) const;

  private:
    struct Node;

    void make_nodes();
    void format(Node& node) const;
    [[nodiscard]] std::string properties_of(const Node& node) const;
    [[nodiscard]] std::string listeners_of(const Node& node, bool advertised) const;
    [[nodiscard]] bool listens(std::string_view listener) const;
    void write_identity() const;
    [[nodiscard]] std::size_t running() const;

    Options options_;
    TestDirectory directory_;
    std::vector<std::unique_ptr<Node>> brokers_;
    std::unique_ptr<Node> controller_;
};

}  // namespace eventbus::servers
