#include "tests/servers/kafka_cluster.hpp"

#include <librdkafka/rdkafka.h>

#include <array>
#include <chrono>
#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "tests/servers/java.hpp"

namespace eventbus::servers {

namespace {

constexpr std::chrono::seconds patience{60};
constexpr std::array<std::string_view, 5> listeners{"PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL",
                                                    "DISTANT"};

std::size_t index_of(std::string_view listener) {
    std::size_t index = 0;
    while (listeners.at(index) != listener) ++index;
    return index;
}
constexpr std::string_view identity = "eventbus-tests-clusterA";

/// Brokers that the one with this address knows as alive, itself among them; none when it does not answer.
std::size_t brokers_known_to(const std::string& address) {
    rd_kafka_conf_t* const conf = rd_kafka_conf_new();
    std::array<char, 200> error{};
    for (const auto& [name, value] :
         {std::pair{"bootstrap.servers", address.c_str()}, std::pair{"log_level", "0"},
          std::pair{"reconnect.backoff.max.ms", "100"}})
        rd_kafka_conf_set(conf, name, value, error.data(), error.size());
    // One client for each question: a longer-lived one may ask another broker.
    const std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)> client(
        rd_kafka_new(RD_KAFKA_PRODUCER, conf, error.data(), error.size()), rd_kafka_destroy);
    if (!client) throw std::runtime_error(error.data());
    const rd_kafka_metadata_t* metadata = nullptr;
    if (rd_kafka_metadata(client.get(), 0, nullptr, &metadata, 1000) != RD_KAFKA_RESP_ERR_NO_ERROR) return 0;
    const auto count = static_cast<std::size_t>(metadata->broker_cnt);
    rd_kafka_metadata_destroy(metadata);
    return count;
}

}  // namespace

struct KafkaCluster::Node {
    int id = 0;
    bool is_broker = true;
    bool is_controller = false;
    /// In the order of `listeners`; the controller's is the last.
    std::array<std::uint16_t, listeners.size() + 1> ports{};
    std::filesystem::path directory;
    std::unique_ptr<Proxy> network;
    Process process;

    /// Where clients find a listener.
    [[nodiscard]] std::uint16_t port_for_clients(std::string_view listener) const {
        return listener == "DISTANT" ? network->port() : ports.at(index_of(listener));
    }
};

KafkaCluster::KafkaCluster(Options options) : options_(std::move(options)) {
    if (options_.certificates != nullptr) write_identity();
    make_nodes();
    if (controller_) {
        format(*controller_);
        controller_->process.start(java::broker(controller_->directory), controller_->directory / "log");
    }
    for (std::size_t i = 0; i < brokers_.size(); ++i) {
        format(*brokers_[i]);
        launch(i);
    }
    wait_until_ready();
}

KafkaCluster::~KafkaCluster() = default;

void KafkaCluster::make_nodes() {
    const auto node = [&](int id, bool is_broker, bool is_controller) {
        auto made = std::make_unique<Node>();
        made->id = id;
        made->is_broker = is_broker;
        made->is_controller = is_controller;
        for (std::uint16_t& port : made->ports) port = free_port();
        if (is_broker && options_.is_distant)
            made->network = std::make_unique<Proxy>(made->ports.at(index_of("DISTANT")));
        made->directory = directory_.path() / std::to_string(id);
        std::filesystem::create_directory(made->directory);
        return made;
    };
    const bool is_alone = options_.brokers == 1;
    for (std::size_t i = 0; i < options_.brokers; ++i)
        brokers_.push_back(node(static_cast<int>(i) + 1, true, is_alone));
    if (!is_alone) controller_ = node(100, false, true);
}

// The broker's key and certificate in one file, as it reads them.
void KafkaCluster::write_identity() const {
    const Certificate server = options_.certificates->server();
    std::ofstream file(directory_.path() / "identity.pem");
    file << std::ifstream(server.key).rdbuf() << std::ifstream(server.certificate).rdbuf();
}

bool KafkaCluster::listens(std::string_view listener) const {
    if (listener == "DISTANT") return options_.is_distant;
    return listener == "PLAINTEXT" || options_.certificates != nullptr;
}

std::string KafkaCluster::listeners_of(const Node& node, bool advertised) const {
    std::string text;
    const auto add = [&](std::string_view listener, std::uint16_t port) {
        text.append(text.empty() ? "" : ",")
            .append(listener)
            .append("://127.0.0.1:")
            .append(std::to_string(port));
    };
    if (node.is_broker) {
        for (std::size_t i = 0; i < listeners.size(); ++i)
            if (listens(listeners.at(i)))
                add(listeners.at(i), advertised ? node.port_for_clients(listeners.at(i)) : node.ports.at(i));
    }
    if (!advertised && node.is_controller) add("CONTROLLER", node.ports.back());
    return text;
}

std::string KafkaCluster::properties_of(const Node& node) const {
    const Node& controller = controller_ ? *controller_ : *brokers_.front();
    std::ostringstream text;
    text << "process.roles=" << (node.is_broker ? "broker" : "")
         << (node.is_broker && node.is_controller ? "," : "") << (node.is_controller ? "controller" : "")
         << "\nnode.id=" << node.id << "\ncontroller.quorum.voters=" << controller.id
         << "@127.0.0.1:" << controller.ports.back()
         << "\ncontroller.listener.names=CONTROLLER\nlisteners=" << listeners_of(node, false)
         << "\nlistener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,"
            "SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL,DISTANT:PLAINTEXT"
         << "\nlog.dirs=" << (node.directory / "data").string() << '\n';
    if (node.is_broker)
        text << "advertised.listeners=" << listeners_of(node, true)
             << "\ninter.broker.listener.name=PLAINTEXT\n";
    const std::size_t replicas = options_.brokers;
    text << "offsets.topic.replication.factor=" << replicas
         << "\noffsets.topic.num.partitions=1\nshare.coordinator.state.topic.replication.factor=" << replicas
         << "\ntransaction.state.log.replication.factor=" << replicas
         << "\ntransaction.state.log.min.isr=1\ndefault.replication.factor=" << replicas
         << "\nauto.create.topics.enable=false\ngroup.initial.rebalance.delay.ms=0"
            "\ngroup.min.session.timeout.ms=1000\nlog.retention.check.interval.ms=500"
            "\nbroker.heartbeat.interval.ms=200\nbroker.session.timeout.ms=2000"
            "\nnum.network.threads=2\nnum.io.threads=2\nbackground.threads=2\n";
    if (options_.certificates != nullptr) {
        text << "ssl.keystore.type=PEM\nssl.keystore.location="
             << (directory_.path() / "identity.pem").string()
             << "\nssl.truststore.type=PEM\nssl.truststore.location=" << options_.certificates->authority()
             << "\nlistener.name.ssl.ssl.client.auth=required"
                "\nsasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER\n";
        for (const std::string_view listener : {"sasl_plaintext", "sasl_ssl"}) {
            const std::string prefix = "listener.name." + std::string(listener) + '.';
            text << prefix
                 << "plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required "
                    "user_"
                 << user << "=\"" << password << "\";\n";
            for (const std::string_view mechanism : {"scram-sha-256", "scram-sha-512"})
                text << prefix << mechanism
                     << ".sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule "
                        "required;\n";
            text << prefix
                 << "oauthbearer.sasl.jaas.config=org.apache.kafka.common.security.oauthbearer."
                    "OAuthBearerLoginModule required unsecuredLoginStringClaim_sub=\"broker\";\n";
        }
    }
    for (const std::string& property : options_.properties) text << property << '\n';
    return text.str();
}

void KafkaCluster::format(Node& node) const {
    std::ofstream(node.directory / "server.properties") << properties_of(node);
    Process tool;
    tool.start(java::format(node.directory, identity,
                            options_.certificates == nullptr ? std::string_view{} : user, password),
               node.directory / "log");
    if (!tool.succeeds())
        throw std::runtime_error("Kafka's storage cannot be made; its log is in " + node.directory.string());
}

std::string KafkaCluster::addresses(std::string_view listener) const {
    std::string text;
    for (const auto& broker : brokers_)
        text += (text.empty() ? "127.0.0.1:" : ",127.0.0.1:") +
                std::to_string(broker->port_for_clients(listener));
    return text;
}

Proxy& KafkaCluster::network(std::size_t broker) { return *brokers_.at(broker)->network; }

std::uint16_t KafkaCluster::port(std::size_t broker) const { return brokers_.at(broker)->ports.front(); }

std::string KafkaCluster::address(std::size_t broker) const {
    return "127.0.0.1:" + std::to_string(port(broker));
}

void KafkaCluster::stop(std::size_t broker) { brokers_.at(broker)->process.end(SIGTERM); }

void KafkaCluster::kill(std::size_t broker) { brokers_.at(broker)->process.end(SIGKILL); }

void KafkaCluster::launch(std::size_t broker) {
    Node& node = *brokers_.at(broker);
    node.process.start(java::broker(node.directory), node.directory / "log");
}

void KafkaCluster::start(std::size_t broker) {
    launch(broker);
    wait_until_ready();
}

std::size_t KafkaCluster::running() const {
    std::size_t count = 0;
    for (const auto& broker : brokers_)
        if (broker->process.runs()) ++count;
    return count;
}

void KafkaCluster::wait_until_ready() {
    const std::size_t wanted = running();
    const auto deadline = std::chrono::steady_clock::now() + patience;
    for (std::size_t i = 0; i < brokers_.size(); ++i) {
        while (brokers_[i]->process.runs() && brokers_known_to(address(i)) < wanted) {
            if (running() < wanted || std::chrono::steady_clock::now() > deadline)
                throw std::runtime_error("Kafka does not start; its logs are below " +
                                         directory_.path().string());
        }
    }
}

void KafkaCluster::pause(std::size_t broker) const { brokers_.at(broker)->process.signal(SIGSTOP); }

void KafkaCluster::resume(std::size_t broker) const { brokers_.at(broker)->process.signal(SIGCONT); }

}  // namespace eventbus::servers
