#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace eventbus::bench {

// What the Kafka backend is measured against: librdkafka alone, with the same properties and the same keys,
// headers and values. All throw std::runtime_error.

struct BareRecord {
    std::string key;
    std::string value;
    std::vector<std::pair<std::string, std::string>> headers;
};

struct DestroyBareKafka {
    void operator()(rd_kafka_t* client) const noexcept { rd_kafka_destroy(client); }
    void operator()(rd_kafka_topic_t* topic) const noexcept { rd_kafka_topic_destroy(topic); }
    void operator()(rd_kafka_queue_t* queue) const noexcept { rd_kafka_queue_destroy(queue); }
};
using BareClient = std::unique_ptr<rd_kafka_t, DestroyBareKafka>;

class BareProducer {
  public:
    using Properties = std::map<std::string, std::string>;

    BareProducer(const Properties& properties, const std::string& topic);
    BareProducer(const BareProducer&) = delete;
    BareProducer& operator=(const BareProducer&) = delete;

    /// Produces the records in turn until it is `count`, and waits until each is confirmed.
    void publish(std::span<const BareRecord> records, std::size_t count);

  private:
    void produce(const BareRecord& record);
    static void confirm(rd_kafka_t* client, const rd_kafka_message_t* message, void* self);

    std::size_t open_ = 0;
    std::size_t failed_ = 0;
    BareClient client_;
    std::unique_ptr<rd_kafka_topic_t, DestroyBareKafka> topic_;
};

/// A member of a group that starts at the first record.
class BareConsumer {
  public:
    using Properties = std::map<std::string, std::string>;

    BareConsumer(const Properties& properties, const std::string& topic);
    /// Leaves the group.
    ~BareConsumer();
    BareConsumer(const BareConsumer&) = delete;
    BareConsumer& operator=(const BareConsumer&) = delete;

    /// What is there, up to `most`, and waits up to `limit` for the first; `use` gets each message. Commits
    /// behind them and waits until that is confirmed. How many came.
    template <class Use>
    std::size_t consume(std::size_t most, std::chrono::milliseconds limit, const Use& use) {
        messages_.resize(most);
        const std::size_t count = read(limit);
        for (std::size_t i = 0; i < count; ++i) {
            use(*messages_[i]);
            next_[messages_[i]->partition] = messages_[i]->offset + 1;
            rd_kafka_message_destroy(messages_[i]);
        }
        if (count > 0) commit();
        return count;
    }

  private:
    [[nodiscard]] std::size_t read(std::chrono::milliseconds limit);
    void commit();

    std::string topic_;
    BareClient client_;
    std::unique_ptr<rd_kafka_queue_t, DestroyBareKafka> queue_;
    std::vector<rd_kafka_message_t*> messages_;
    /// By partition: what to commit.
    std::map<std::int32_t, std::int64_t> next_;
};

/// The first records of a topic, as many as asked for.
[[nodiscard]] std::vector<BareRecord> first_records(const BareConsumer::Properties& properties,
                                                    const std::string& topic, std::size_t count);

}  // namespace eventbus::bench
