#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "eventbus/broker/embedded/sqlite.hpp"
#include "eventbus/broker/embedded/topics.hpp"
#include "eventbus/broker/publisher.hpp"

namespace eventbus::embedded {

/// Writes events into a database: finds or makes their topics, chooses partitions, gives offsets. Used by one
/// thread at a time.
class EventWriter {
  public:
    using Clock = std::function<Timestamp()>;

    /// `new_topic` is what a topic gets that is made by its first event.
    EventWriter(Connection& connection, TopicOptions new_topic, Clock clock);

    /// Stores all events in one transaction, and sets their positions. When it throws, nothing is stored;
    /// NotFound means that a topic was deleted by another process, and that the next call makes it anew.
    void write(std::span<const OutgoingEvent* const> events, std::span<Position> positions);

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
        std::int64_t id = 0;
        std::int32_t partitions = 0;
        Statement insert;
        std::int64_t next_offset = 0;
        std::int64_t last_stored = 0;
        std::int64_t bytes = 0;
        /// Written to in this transaction.
        bool touched = false;
    };

    KnownTopic& topic_of(const OutgoingEvent& event);
    KnownTopic& topic_for(const std::string& name);
    void touch(KnownTopic& topic);
    std::int64_t kind_of(const OutgoingEvent& event);
    std::int64_t kind_id(const OutgoingEvent& event);
    std::int64_t origin_id(const EventMetadata& metadata);
    std::int32_t choose_partition(const OutgoingEvent& event, std::int32_t partitions);
    Position insert(const OutgoingEvent& event, std::int64_t now);
    void write_topics();
    void forget();

    Connection& connection_;
    TopicOptions new_topic_;
    Clock clock_;
    Statement read_topic_;
    Statement update_topic_;
    Statement find_kind_;
    Statement insert_kind_;
    Statement find_origin_;
    Statement insert_origin_;

    std::unordered_map<std::string, KnownTopic> topics_;
    std::unordered_map<std::string, std::vector<Kind>> kinds_;
    Origin origin_;
    std::vector<KnownTopic*> touched_;
    /// The event before this one in the same batch, and what was found for it: mostly the next is of the same
    /// topic and kind, and views of the same place hold the same as long as the batch lives.
    const OutgoingEvent* previous_ = nullptr;
    KnownTopic* previous_topic_ = nullptr;
    std::int64_t previous_kind_ = 0;
    std::uint32_t next_without_key_;
    bool made_topic_ = false;
};

}  // namespace eventbus::embedded
