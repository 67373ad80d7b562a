#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "eventbus/broker/kafka/of_this_process.hpp"
#include "eventbus/broker/kafka/options.hpp"
#include "eventbus/broker/kafka/record.hpp"
#include "eventbus/broker/reader.hpp"

namespace eventbus::kafka_topics {

/// Reads a topic's partitions without a group.
class KafkaReader final : public Reader {
  public:
    KafkaReader(std::shared_ptr<const Options> options, ReadOptions what);
    ~KafkaReader() override;

    [[nodiscard]] std::vector<ReceivedEvent> read(std::size_t most) override;
    [[nodiscard]] std::uint64_t left() override;

  private:
    using Clock = std::chrono::steady_clock;
    class Fetching;
    struct Source;
    struct Place {
        std::int64_t next = 0;
        /// Where it ends, when that was asked for.
        std::optional<std::int64_t> end;
        /// Where it ends now.
        std::int64_t stored_end = 0;

        [[nodiscard]] std::int64_t last() const { return end ? std::min(*end, stored_end) : stored_end; }
    };

    [[nodiscard]] Source& source();
    [[nodiscard]] bool is_topic_known();
    [[nodiscard]] bool find_topic();
    void find_places(std::int32_t partitions);
    [[nodiscard]] std::size_t open_places() const;
    void take(std::vector<ReceivedEvent>& events, const rd_kafka_message_t& message);

    std::shared_ptr<const Options> options_;
    ReadOptions what_;
    RecordReader records_;
    /// By partition, once the topic was found.
    std::vector<Place> places_;
    /// When the topic was looked at last.
    Clock::time_point found_{};
    OfThisProcess<Source> source_;
};

}  // namespace eventbus::kafka_topics
