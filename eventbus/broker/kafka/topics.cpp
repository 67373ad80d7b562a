#include "eventbus/broker/kafka/topics.hpp"

#include <algorithm>
#include <memory>
#include <thread>

#include "eventbus/event/quote.hpp"
#include "eventbus/kafka/error.hpp"

namespace eventbus::kafka_topics {

namespace {

constexpr std::chrono::milliseconds pause{20};
constexpr int time_to_answer_ms = static_cast<int>(time_to_answer.count());

struct DestroyMetadata {
    void operator()(const rd_kafka_metadata_t* metadata) const { rd_kafka_metadata_destroy(metadata); }
};
using Metadata = std::unique_ptr<const rd_kafka_metadata_t, DestroyMetadata>;

// All topics are asked for: a cluster may make one that is asked for by name.
Metadata metadata_of(const kafka::Client& client) {
    const rd_kafka_metadata_t* metadata = nullptr;
    const auto begin = std::chrono::steady_clock::now();
    const auto deadline = begin + time_to_answer;
    for (;;) {
        const auto code = rd_kafka_metadata(client.get(), 1, nullptr, &metadata, time_to_answer_ms);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) break;
        client.hear_reports();
        if (const auto refusal = client.refusal_since(begin))
            kafka::throw_error("the Kafka cluster cannot be used", *refusal, client.last_trouble());
        // The broker that was asked broke off the connection: another, or the same again, may answer.
        if (code != RD_KAFKA_RESP_ERR__TRANSPORT || std::chrono::steady_clock::now() > deadline)
            kafka::throw_error("the Kafka cluster does not answer", code, client.last_trouble());
        std::this_thread::sleep_for(pause);
    }
    return Metadata(metadata);
}

std::vector<std::optional<std::int64_t>> offsets_at(const kafka::Client& client, const std::string& topic,
                                                    std::int32_t partitions, Timestamp time) {
    kafka::Partitions asked;
    const std::int64_t milliseconds =
        std::chrono::ceil<std::chrono::milliseconds>(time.time_since_epoch()).count();
    for (std::int32_t i = 0; i < partitions; ++i)
        asked.add(topic, i, std::max<std::int64_t>(milliseconds, 0));
    kafka::check("cannot find the place of a time in the topic " + topic,
                 rd_kafka_offsets_for_times(client.get(), asked.get(), time_to_answer_ms));
    std::vector<std::optional<std::int64_t>> offsets;
    for (const auto& partition : asked) {
        kafka::check("cannot find the place of a time in the topic " + topic, partition.err);
        // Nothing is stored at that time or later.
        offsets.emplace_back(partition.offset >= 0 ? partition.offset
                                                   : stored_in(client, topic, partition.partition).end);
    }
    return offsets;
}

}  // namespace

std::vector<TopicState> list_topics(const kafka::Client& client) {
    const Metadata metadata = metadata_of(client);
    std::vector<TopicState> topics;
    for (int i = 0; i < metadata->topic_cnt; ++i) {
        const auto& topic = metadata->topics[i];
        if (topic.err == RD_KAFKA_RESP_ERR_NO_ERROR && !std::string_view(topic.topic).starts_with("__"))
            topics.push_back({topic.topic, topic.partition_cnt});
    }
    std::sort(topics.begin(), topics.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return topics;
}

bool has_topic(const kafka::Client& client, const std::string& name) {
    return partitions_of(client, name).has_value();
}

std::optional<std::int32_t> partitions_of(const kafka::Client& client, const std::string& name) {
    for (const TopicState& topic : list_topics(client))
        if (topic.name == name) return topic.partitions;
    return std::nullopt;
}

Stored stored_in(const kafka::Client& client, const std::string& topic, std::int32_t partition) {
    Stored stored;
    const auto deadline = std::chrono::steady_clock::now() + time_to_answer;
    for (;;) {
        const auto code = rd_kafka_query_watermark_offsets(client.get(), topic.c_str(), partition,
                                                           &stored.begin, &stored.end, time_to_answer_ms);
        // A partition that was made or moved a moment ago has no leader yet that everybody knows.
        const bool may_pass = kafka::is_retriable(code) || is_missing_topic(code);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return stored;
        if (!may_pass || std::chrono::steady_clock::now() > deadline || !has_topic(client, topic))
            kafka::throw_error("cannot see what the topic " + topic + " holds", code);
        std::this_thread::sleep_for(pause);
    }
}

std::vector<std::optional<std::int64_t>> offsets_of(const kafka::Client& client, const std::string& topic,
                                                    std::int32_t partitions, const StartAt& start) {
    if (const auto* const at = std::get_if<AtTime>(&start))
        return offsets_at(client, topic, partitions, at->time);
    std::vector<std::optional<std::int64_t>> offsets(static_cast<std::size_t>(partitions));
    if (const auto* const after = std::get_if<AfterId>(&start)) {
        for (const Position& position : parse_positions(after->position, partitions)) {
            const auto partition = static_cast<std::int32_t>(position.partition);
            const Stored stored = stored_in(client, topic, partition);
            const auto offset = static_cast<std::int64_t>(position.offset.number);
            offsets.at(static_cast<std::size_t>(partition)) =
                offset >= stored.end ? stored.end : std::max(offset + 1, stored.begin);
        }
        return offsets;
    }
    const bool is_latest = std::holds_alternative<Latest>(start);
    for (std::int32_t i = 0; i < partitions; ++i) {
        const Stored stored = stored_in(client, topic, i);
        offsets.at(static_cast<std::size_t>(i)) = is_latest ? stored.end : stored.begin;
    }
    return offsets;
}

bool is_missing_topic(rd_kafka_resp_err_t code) {
    return code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
           code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
}

NotFound missing_topic(const std::string& name) {
    return NotFound(
        "the topic " + quote(name) +
        " is not in the Kafka cluster, where topics are not made by sending to them; make it: eventbus "
        "topics create " +
        name);
}

}  // namespace eventbus::kafka_topics
