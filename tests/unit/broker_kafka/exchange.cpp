#include "exchange.hpp"

#include <librdkafka/rdkafka_mock.h>

#include <array>
#include <cstdint>
#include <stdexcept>

namespace eventbus::kafka_topics {

namespace {

constexpr const char* topic_name = "exchange";
constexpr int patience_ms = 1000;
constexpr int tries = 30;

rd_kafka_t* make_client(rd_kafka_type_t type, const std::vector<std::pair<std::string, std::string>>& all) {
    std::array<char, 512> error{};
    rd_kafka_conf_t* const conf = rd_kafka_conf_new();
    for (const auto& [name, value] : all)
        if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error.data(), error.size()) !=
            RD_KAFKA_CONF_OK)
            throw std::runtime_error(error.data());
    rd_kafka_t* const client = rd_kafka_new(type, conf, error.data(), error.size());
    if (client == nullptr) throw std::runtime_error(error.data());
    return client;
}

}  // namespace

Exchange::Exchange()
    : producer_(make_client(RD_KAFKA_PRODUCER, {{"test.mock.num.brokers", "1"}, {"log_level", "0"}})) {
    rd_kafka_mock_cluster_t* const cluster = rd_kafka_handle_mock_cluster(producer_.get());
    address_ = rd_kafka_mock_cluster_bootstraps(cluster);
    rd_kafka_mock_topic_create(cluster, topic_name, 1, 1);
    consumer_.reset(make_client(RD_KAFKA_CONSUMER, {{"bootstrap.servers", address_},
                                                    {"group.id", "reader"},
                                                    {"fetch.wait.max.ms", "10"},
                                                    {"log_level", "0"}}));
    rd_kafka_topic_partition_list_t* const partitions = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(partitions, topic_name, 0)->offset = 0;
    rd_kafka_assign(consumer_.get(), partitions);
    rd_kafka_topic_partition_list_destroy(partitions);
}

Exchange::~Exchange() = default;

std::string Exchange::topic() { return topic_name; }

Exchange::Message Exchange::pass(const Headers& headers, const std::string* key, std::string_view value) {
    rd_kafka_headers_t* const made = rd_kafka_headers_new(headers.size());
    for (const auto& [name, text] : headers)
        rd_kafka_header_add(made, name.data(), static_cast<ssize_t>(name.size()), text.data(),
                            static_cast<ssize_t>(text.size()));
    return pass(made, key, value);
}

Exchange::Message Exchange::pass(rd_kafka_headers_t* headers, const std::string* key,
                                 std::string_view value) {
    std::array<rd_kafka_vu_t, 5> what{};
    what[0].vtype = RD_KAFKA_VTYPE_TOPIC;
    what[0].u.cstr = topic_name;
    what[1].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    what[1].u.i = RD_KAFKA_MSG_F_COPY;
    what[2].vtype = RD_KAFKA_VTYPE_HEADERS;
    what[2].u.headers = headers;
    what[3].vtype = RD_KAFKA_VTYPE_VALUE;
    what[3].u.mem = {const_cast<char*>(value.data()), value.size()};
    what[4].vtype = RD_KAFKA_VTYPE_KEY;
    if (key != nullptr) what[4].u.mem = {const_cast<char*>(key->data()), key->size()};
    rd_kafka_error_t* const error =
        rd_kafka_produceva(producer_.get(), what.data(), key == nullptr ? what.size() - 1 : what.size());
    if (error != nullptr) {
        const std::string text = rd_kafka_error_string(error);
        rd_kafka_error_destroy(error);
        rd_kafka_headers_destroy(headers);
        throw std::runtime_error(text);
    }
    rd_kafka_flush(producer_.get(), tries * patience_ms);
    for (int i = 0; i < tries; ++i) {
        Message message(rd_kafka_consumer_poll(consumer_.get(), patience_ms));
        if (message && message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return message;
    }
    throw std::runtime_error("the mock cluster did not give back what it was given");
}

}  // namespace eventbus::kafka_topics
