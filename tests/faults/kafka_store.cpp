#include "kafka_store.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "distant_store.hpp"
#include "service.hpp"

namespace eventbus::faults {

namespace {

constexpr int patience_ms = 20'000;
constexpr int partition_count = 3;
constexpr std::size_t frame_size = 5;

struct DestroyList {
    void operator()(rd_kafka_topic_partition_list_t* list) const {
        rd_kafka_topic_partition_list_destroy(list);
    }
};
using List = std::unique_ptr<rd_kafka_topic_partition_list_t, DestroyList>;

struct DestroyMessage {
    void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
};
using Message = std::unique_ptr<rd_kafka_message_t, DestroyMessage>;

void check(rd_kafka_resp_err_t code) {
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(rd_kafka_err2str(code));
}

/// 0 when the topic does not exist.
int partitions_of(rd_kafka_t* client, const std::string& topic) {
    const std::unique_ptr<rd_kafka_topic_t, decltype(&rd_kafka_topic_destroy)> handle(
        rd_kafka_topic_new(client, topic.c_str(), nullptr), rd_kafka_topic_destroy);
    const rd_kafka_metadata_t* found = nullptr;
    check(rd_kafka_metadata(client, 0, handle.get(), &found, patience_ms));
    const std::unique_ptr<const rd_kafka_metadata_t, decltype(&rd_kafka_metadata_destroy)> metadata(
        found, rd_kafka_metadata_destroy);
    return metadata->topic_cnt == 1 ? metadata->topics[0].partition_cnt : 0;
}

std::string without_frame(std::string bytes) {
    return bytes.size() >= frame_size && bytes[0] == '\0' ? bytes.substr(frame_size) : bytes;
}

// A framed key is an Avro string, whose length stands before it; that of a letter is text alone.
std::string key_text(const std::string& bytes) {
    std::string key = without_frame(bytes);
    if (key.size() == bytes.size()) return bytes;
    std::size_t size_of_length = 1;
    while ((static_cast<unsigned char>(key.at(size_of_length - 1)) & 0x80U) != 0) ++size_of_length;
    return key.substr(size_of_length);
}

std::string text_of(const void* bytes, std::size_t size) {
    return bytes == nullptr ? std::string() : std::string(static_cast<const char*>(bytes), size);
}

StoredRecord record_of(const rd_kafka_message_t& message) {
    StoredRecord record;
    record.partition = message.partition;
    record.offset = std::to_string(message.offset);
    record.key = key_text(text_of(message.key, message.key_len));
    record.payload = without_frame(text_of(message.payload, message.len));
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return record;
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0;
         rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
        record.headers[name] = text_of(value, size);
    return record;
}

}  // namespace

KafkaStore::KafkaStore(const servers::KafkaCluster::Options& options)
    : way_to_registry_(registry_.port()),
      cluster_(options),
      listener_(options.is_distant ? "DISTANT" : "PLAINTEXT") {
    make_topic("topic");
    make_topic(Service::topic);
}

KafkaStore::~KafkaStore() = default;

std::string KafkaStore::registry_url() const {
    return "http://127.0.0.1:" + std::to_string(way_to_registry_.port()) + "/apis/ccompat/v7";
}

std::string KafkaStore::address() const {
    return "kafka://" + cluster_.addresses(listener_) + '/' + registry_url();
}

std::vector<std::string> KafkaStore::settings() const {
    return {"EVENT_BUS_PRODUCER=kafka",
            "EVENT_BUS_CONSUMER=kafka",
            "EVENT_BUS_KAFKA_BOOTSTRAP_SERVERS=" + cluster_.addresses(listener_),
            "EVENT_BUS_KAFKA_SCHEMA_REGISTRY_URL=" + registry_url(),
            "EVENT_BUS_KAFKA_AUDIT_LOGGING_ENABLED=false",
            R"(EVENT_BUS_KAFKA_PRODUCER_CONFIG={"socket.timeout.ms": 3000, "request.timeout.ms": 3000})",
            R"(EVENT_BUS_KAFKA_CONSUMER_CONFIG={"session.timeout.ms": 1000, "heartbeat.interval.ms": 100, )"
            R"("socket.timeout.ms": 3000)" +
                consumer_properties_ + '}'};
}

KafkaStore::Client KafkaStore::make_client(const std::string& group) const {
    rd_kafka_conf_t* const conf = rd_kafka_conf_new();
    std::array<char, 200> error{};
    const std::string addresses = cluster_.addresses();
    for (const auto& [name, value] : std::map<std::string, std::string>{{"bootstrap.servers", addresses},
                                                                        {"group.id", group},
                                                                        {"enable.auto.commit", "false"},
                                                                        {"enable.partition.eof", "true"},
                                                                        {"auto.offset.reset", "earliest"},
                                                                        {"reconnect.backoff.max.ms", "200"},
                                                                        {"log_level", "0"}})
        if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error.data(), error.size()) !=
            RD_KAFKA_CONF_OK)
            throw std::runtime_error(error.data());
    Client client(rd_kafka_new(RD_KAFKA_CONSUMER, conf, error.data(), error.size()));
    if (!client) throw std::runtime_error(error.data());
    return client;
}

rd_kafka_t* KafkaStore::client_of(const std::string& group) const {
    Client& client = clients_[group];
    if (!client) client = make_client(group);
    return client.get();
}

void KafkaStore::make_topic(const std::string& name) const {
    std::array<char, 200> error{};
    const std::unique_ptr<rd_kafka_NewTopic_t, decltype(&rd_kafka_NewTopic_destroy)> topic(
        rd_kafka_NewTopic_new(name.c_str(), partition_count, -1, error.data(), error.size()),
        rd_kafka_NewTopic_destroy);
    if (!topic) throw std::runtime_error(error.data());
    rd_kafka_t* const client = client_of("auditor");
    const std::unique_ptr<rd_kafka_queue_t, decltype(&rd_kafka_queue_destroy)> answers(
        rd_kafka_queue_new(client), rd_kafka_queue_destroy);
    rd_kafka_NewTopic_t* topics = topic.get();
    rd_kafka_CreateTopics(client, &topics, 1, nullptr, answers.get());
    const std::unique_ptr<rd_kafka_event_t, decltype(&rd_kafka_event_destroy)> answer(
        rd_kafka_queue_poll(answers.get(), patience_ms), rd_kafka_event_destroy);
    if (!answer) throw std::runtime_error("topic " + name + " is not made in time");
    std::size_t count = 0;
    const auto* const results =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(answer.get()), &count);
    for (std::size_t i = 0; i < count; ++i) check(rd_kafka_topic_result_error(results[i]));
    while (partitions_of(client, name) == 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));
}

std::vector<StoredRecord> KafkaStore::records(const std::string& topic) const {
    const Client reader = make_client("auditor");
    const int count = partitions_of(reader.get(), topic);
    if (count == 0) return {};
    const List all(rd_kafka_topic_partition_list_new(count));
    for (int i = 0; i < count; ++i)
        rd_kafka_topic_partition_list_add(all.get(), topic.c_str(), i)->offset = RD_KAFKA_OFFSET_BEGINNING;
    check(rd_kafka_assign(reader.get(), all.get()));
    std::vector<StoredRecord> records;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    for (int left = count; left > 0;) {
        if (std::chrono::steady_clock::now() > deadline)
            throw std::runtime_error("topic " + topic + " is not read in time");
        const Message message(rd_kafka_consumer_poll(reader.get(), patience_ms));
        if (!message) continue;
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            --left;
        } else if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            records.push_back(record_of(*message));
        }
    }
    rd_kafka_consumer_close(reader.get());
    return records;
}

std::uint64_t KafkaStore::lag(const std::string& topic, const std::string& group) const {
    rd_kafka_t* const client = client_of(group);
    const int count = partitions_of(client, topic);
    const List places(rd_kafka_topic_partition_list_new(std::max(count, 1)));
    for (int i = 0; i < count; ++i) rd_kafka_topic_partition_list_add(places.get(), topic.c_str(), i);
    if (count == 0) return 0;
    check(rd_kafka_committed(client, places.get(), patience_ms));
    std::uint64_t lag = 0;
    for (int i = 0; i < count; ++i) {
        std::int64_t low = 0;
        std::int64_t high = 0;
        check(rd_kafka_query_watermark_offsets(client, topic.c_str(), i, &low, &high, patience_ms));
        lag += static_cast<std::uint64_t>(high - std::max(low, places->elems[i].offset));
    }
    return lag;
}

std::string KafkaStore::integrity() const {
    const rd_kafka_metadata_t* metadata = nullptr;
    if (rd_kafka_metadata(client_of("auditor"), 1, nullptr, &metadata, patience_ms) !=
        RD_KAFKA_RESP_ERR_NO_ERROR)
        return "the cluster does not answer";
    rd_kafka_metadata_destroy(metadata);
    return "ok";
}

std::unique_ptr<Store> make_store(const std::string& kind, const std::filesystem::path& /*directory*/) {
    if (kind != "kafka") throw std::invalid_argument("there is no store " + kind);
    return std::make_unique<KafkaStore>(servers::KafkaCluster::Options{});
}

DistantStore make_distant_store() {
    auto store = std::make_unique<KafkaStore>(servers::KafkaCluster::Options{.is_distant = true});
    servers::Proxy& network = store->cluster().network();
    return {.store = std::move(store), .network = &network, .leaves_doubts = false};
}

std::vector<std::string> stores() { return {"kafka"}; }

// Each consumer that dies holds up the others for a session: one number takes minutes.
std::vector<std::size_t> worker_counts() {
    return std::getenv("EVENTBUS_SOAK_SECONDS") == nullptr ? std::vector<std::size_t>{4}
                                                           : std::vector<std::size_t>{1, 4};
}

}  // namespace eventbus::faults
