#include "bare_kafka.hpp"

#include <array>
#include <stdexcept>

namespace eventbus::bench {

namespace {

constexpr int patience_ms = 30'000;

void check(rd_kafka_resp_err_t code) {
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(rd_kafka_err2str(code));
}

rd_kafka_conf_t* configuration(const std::map<std::string, std::string>& properties) {
    rd_kafka_conf_t* const conf = rd_kafka_conf_new();
    std::array<char, 200> error{};
    for (const auto& [name, value] : properties)
        if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error.data(), error.size()) !=
            RD_KAFKA_CONF_OK)
            throw std::runtime_error(error.data());
    return conf;
}

BareClient make_client(rd_kafka_type_t type, rd_kafka_conf_t* conf) {
    std::array<char, 200> error{};
    BareClient client(rd_kafka_new(type, conf, error.data(), error.size()));
    if (!client) throw std::runtime_error(error.data());
    return client;
}

rd_kafka_headers_t* headers_of(const BareRecord& record) {
    rd_kafka_headers_t* const headers = rd_kafka_headers_new(record.headers.size());
    for (const auto& [name, value] : record.headers)
        rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                            static_cast<ssize_t>(value.size()));
    return headers;
}

BareRecord record_of(const rd_kafka_message_t& message) {
    BareRecord record{{static_cast<const char*>(message.key), message.key_len},
                      {static_cast<const char*>(message.payload), message.len},
                      {}};
    rd_kafka_headers_t* headers = nullptr;
    check(rd_kafka_message_headers(&message, &headers));
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == 0; ++i)
        record.headers.emplace_back(name, std::string(static_cast<const char*>(value), size));
    return record;
}

}  // namespace

BareProducer::BareProducer(const Properties& properties, const std::string& topic) {
    rd_kafka_conf_t* const conf = configuration(properties);
    rd_kafka_conf_set_opaque(conf, this);
    rd_kafka_conf_set_dr_msg_cb(conf, confirm);
    client_ = make_client(RD_KAFKA_PRODUCER, conf);
    topic_.reset(rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr));
}

void BareProducer::confirm(rd_kafka_t* /*client*/, const rd_kafka_message_t* message, void* self) {
    auto* const producer = static_cast<BareProducer*>(self);
    --producer->open_;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) ++producer->failed_;
}

void BareProducer::publish(std::span<const BareRecord> records, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) produce(records[i % records.size()]);
    while (open_ > 0) rd_kafka_poll(client_.get(), 100);
    if (failed_ > 0) throw std::runtime_error("records are not stored");
}

void BareProducer::produce(const BareRecord& record) {
    rd_kafka_headers_t* const headers = headers_of(record);
    const auto try_once = [&] {
        std::array<rd_kafka_vu_t, 5> parts{};
        parts[0].vtype = RD_KAFKA_VTYPE_RKT;
        parts[0].u.rkt = topic_.get();
        parts[1].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
        parts[1].u.i = RD_KAFKA_MSG_F_COPY;
        parts[2].vtype = RD_KAFKA_VTYPE_VALUE;
        parts[2].u.mem = {const_cast<char*>(record.value.data()), record.value.size()};
        parts[3].vtype = RD_KAFKA_VTYPE_KEY;
        parts[3].u.mem = {const_cast<char*>(record.key.data()), record.key.size()};
        parts[4].vtype = RD_KAFKA_VTYPE_HEADERS;
        parts[4].u.headers = headers;
        const std::unique_ptr<rd_kafka_error_t, decltype(&rd_kafka_error_destroy)> error(
            rd_kafka_produceva(client_.get(), parts.data(), parts.size()), rd_kafka_error_destroy);
        return error ? rd_kafka_error_code(error.get()) : RD_KAFKA_RESP_ERR_NO_ERROR;
    };
    rd_kafka_resp_err_t code = try_once();
    for (; code == RD_KAFKA_RESP_ERR__QUEUE_FULL; code = try_once()) rd_kafka_poll(client_.get(), 100);
    check(code);
    ++open_;
}

BareConsumer::BareConsumer(const Properties& properties, const std::string& topic)
    : topic_(topic), client_(make_client(RD_KAFKA_CONSUMER, configuration(properties))) {
    rd_kafka_poll_set_consumer(client_.get());
    queue_.reset(rd_kafka_queue_get_consumer(client_.get()));
    rd_kafka_topic_partition_list_t* const topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(topics, topic_.c_str(), RD_KAFKA_PARTITION_UA);
    const rd_kafka_resp_err_t code = rd_kafka_subscribe(client_.get(), topics);
    rd_kafka_topic_partition_list_destroy(topics);
    check(code);
}

BareConsumer::~BareConsumer() {
    queue_.reset();
    rd_kafka_consumer_close(client_.get());
}

// A read of many waits until it has so many: so one is waited for, and the others are taken as they are
// there.
std::size_t BareConsumer::read(std::chrono::milliseconds limit) {
    messages_[0] = rd_kafka_consumer_poll(client_.get(), static_cast<int>(limit.count()));
    if (messages_[0] == nullptr) return 0;
    std::size_t count = 1;
    if (messages_.size() > 1)
        count += static_cast<std::size_t>(
            rd_kafka_consume_batch_queue(queue_.get(), 0, &messages_[1], messages_.size() - 1));
    for (std::size_t i = 0; i < count; ++i) check(messages_[i]->err);
    return count;
}

void BareConsumer::commit() {
    rd_kafka_topic_partition_list_t* const positions =
        rd_kafka_topic_partition_list_new(static_cast<int>(next_.size()));
    for (const auto& [partition, offset] : next_)
        rd_kafka_topic_partition_list_add(positions, topic_.c_str(), partition)->offset = offset;
    next_.clear();
    constexpr int waits = 0;
    const rd_kafka_resp_err_t code = rd_kafka_commit(client_.get(), positions, waits);
    rd_kafka_topic_partition_list_destroy(positions);
    check(code);
}

std::vector<BareRecord> first_records(const BareConsumer::Properties& properties, const std::string& topic,
                                      std::size_t count) {
    BareConsumer consumer(properties, topic);
    std::vector<BareRecord> records;
    while (records.size() < count)
        if (consumer.consume(
                count - records.size(), std::chrono::milliseconds(patience_ms),
                [&](const rd_kafka_message_t& message) { records.push_back(record_of(message)); }) == 0)
            throw std::runtime_error("records are missing");
    return records;
}

}  // namespace eventbus::bench
