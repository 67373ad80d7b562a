#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "eventbus/broker/embedded/sqlite.hpp"
#include "eventbus/broker/embedded/topics.hpp"
#include "eventbus/broker/publisher.hpp"

namespace eventbus::embedded {

/// Writes events into a database: finds or makes their topics, chooses partitions, gives offsets. One
/// transaction is one `write`. Used by one thread at a time.
class EventWriter {
  public:
    using Clock = std::function<Timestamp()>;

    /// `new_topic` is what a topic gets that is made by its first event.
    EventWriter(Connection& connection, TopicOptions new_topic, Clock clock);

    /// Stores all events in one transaction, and sets their positions. When it throws, nothing is stored.
    void write(std::span<const OutgoingEvent* const> events, std::span<Position> positions);

    /// Names of the topics written to since the last call of this.
    [[nodiscard]] std::vector<std::string> take_written_topics();

    /// Whether the last `write` made a topic.
    [[nodiscard]] bool made_topic() const { return made_topic_; }

  private:
    struct Kind {
        std::int64_t id = 0;
        std::int32_t minorversion = 0;
        std::string schema;
    };
    struct Origin {
        std::int64_t id = 0;
        std::string source;
        std::string sourcehost;
        std::string sourcelib;
    };
    struct KnownTopic {
        Topic topic;
        bool written = false;
    };
    struct Partition {
        PartitionState state;
        bool touched = false;
    };

    KnownTopic& topic_for(const std::string& name);
    std::int64_t kind_id(const OutgoingEvent& event);
    std::int64_t origin_id(const EventMetadata& metadata);
    Partition& partition_for(PartitionId id);
    std::int32_t choose_partition(const OutgoingEvent& event, const Topic& topic);
    Position insert(const OutgoingEvent& event, Timestamp now);
    void write_partitions();
    void forget();

    Connection& connection_;
    TopicOptions new_topic_;
    Clock clock_;
    Statement insert_event_;
    Statement read_partition_;
    Statement update_partition_;
    Statement find_kind_;
    Statement insert_kind_;
    Statement find_origin_;
    Statement insert_origin_;

    std::unordered_map<std::string, KnownTopic> topics_;
    std::unordered_map<std::string, std::vector<Kind>> kinds_;
    Origin origin_;
    std::unordered_map<std::int64_t, Partition> partitions_;
    std::vector<std::int64_t> touched_;
    std::uint32_t next_without_key_;
    bool made_topic_ = false;
};

}  // namespace eventbus::embedded
