#include "eventbus/broker/embedded/event_writer.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include "eventbus/broker/embedded/headers_blob.hpp"
#include "eventbus/broker/partitioner.hpp"
#include "eventbus/event/error.hpp"

namespace eventbus::embedded {

EventWriter::EventWriter(Connection& connection, TopicOptions new_topic, Clock clock)
    : connection_(connection),
      new_topic_(new_topic),
      clock_(std::move(clock)),
      read_topic_(connection.prepare("SELECT next_offset, last_stored, bytes FROM topics WHERE id = ?")),
      update_topic_(
          connection.prepare("UPDATE topics SET next_offset = ?, last_stored = ?, bytes = ? WHERE id = ?")),
      find_kind_(
          connection.prepare("SELECT id FROM kinds WHERE type = ? AND minorversion = ? AND schema = ?")),
      insert_kind_(connection.prepare("INSERT INTO kinds(type, minorversion, schema) VALUES(?, ?, ?)")),
      find_origin_(
          connection.prepare("SELECT id FROM origins WHERE source = ? AND sourcehost = ? AND sourcelib = ?")),
      insert_origin_(
          connection.prepare("INSERT INTO origins(source, sourcehost, sourcelib) VALUES(?, ?, ?)")),
      next_without_key_(std::random_device{}()) {}

void EventWriter::write(std::span<const OutgoingEvent* const> events, std::span<Position> positions) {
    made_topic_ = false;
    previous_ = nullptr;
    try {
        Transaction transaction(connection_);
        const std::int64_t now = stored_time(clock_());
        for (std::size_t i = 0; i < events.size(); ++i) positions[i] = insert(*events[i], now);
        write_topics();
        transaction.commit();
    } catch (...) {
        forget();
        throw;
    }
}

// What was made in a transaction that failed is not there; and a topic may have been deleted by another
// process.
void EventWriter::forget() {
    touched_.clear();
    topics_.clear();
    kinds_.clear();
    origin_ = {};
}

EventWriter::KnownTopic& EventWriter::topic_of(const OutgoingEvent& event) {
    const bool is_same = previous_ != nullptr && event.topic == previous_->topic;
    return is_same ? *previous_topic_ : topic_for(event.topic->str());
}

EventWriter::KnownTopic& EventWriter::topic_for(const std::string& name) {
    if (const auto known = topics_.find(name); known != topics_.end()) return known->second;
    auto topic = find_topic(connection_, name);
    if (!topic) {
        topic = make_topic(connection_, name, new_topic_);
        made_topic_ = true;
    }
    Statement insert =
        connection_.prepare("INSERT INTO " + events_table(topic->id) +
                            "(offset, partition, id, kind, origin, time, stored, key, headers, payload) "
                            "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    return topics_.emplace(name, KnownTopic{topic->id, topic->partitions, std::move(insert)}).first->second;
}

// Other processes write too, so each transaction begins with what is stored.
void EventWriter::touch(KnownTopic& topic) {
    if (topic.touched) return;
    if (!read_topic_.with(topic.id).next())
        throw NotFound("the topic was deleted while it was written to; send again");
    topic.next_offset = read_topic_.integer(0);
    topic.last_stored = read_topic_.integer(1);
    topic.bytes = read_topic_.integer(2);
    read_topic_.reset();
    topic.touched = true;
    touched_.push_back(&topic);
}

std::int64_t EventWriter::kind_of(const OutgoingEvent& event) {
    const bool is_same = previous_ != nullptr && event.schema.data() == previous_->schema.data() &&
                         event.schema.size() == previous_->schema.size() &&
                         event.metadata->minorversion == previous_->metadata->minorversion &&
                         event.metadata->event_type == previous_->metadata->event_type;
    return is_same ? previous_kind_ : kind_id(event);
}

std::int64_t EventWriter::kind_id(const OutgoingEvent& event) {
    const EventMetadata& metadata = *event.metadata;
    std::vector<Kind>& kinds = kinds_[metadata.event_type];
    for (const Kind& kind : kinds)
        if (kind.minorversion == metadata.minorversion && kind.schema == event.schema) return kind.id;
    const auto version = std::int64_t{metadata.minorversion};
    const std::string_view type = metadata.event_type;
    std::int64_t id = 0;
    if (find_kind_.with(type, version, event.schema).next()) {
        id = find_kind_.integer(0);
    } else {
        insert_kind_.with(type, version, event.schema).run();
        id = connection_.last_row_id();
    }
    find_kind_.reset();
    kinds.push_back({id, metadata.minorversion, std::string(event.schema)});
    return id;
}

std::int64_t EventWriter::origin_id(const EventMetadata& metadata) {
    if (origin_.id != 0 && origin_.source == metadata.source && origin_.sourcehost == metadata.sourcehost &&
        origin_.sourcelib == metadata.sourcelib)
        return origin_.id;
    const std::string_view source = metadata.source;
    const std::string_view host = metadata.sourcehost;
    const std::string_view lib = metadata.sourcelib;
    std::int64_t id = 0;
    if (find_origin_.with(source, host, lib).next()) {
        id = find_origin_.integer(0);
    } else {
        insert_origin_.with(source, host, lib).run();
        id = connection_.last_row_id();
    }
    find_origin_.reset();
    origin_ = {id, metadata.source, metadata.sourcehost, metadata.sourcelib};
    return id;
}

std::int32_t EventWriter::choose_partition(const OutgoingEvent& event, std::int32_t partitions) {
    if (event.key) return static_cast<std::int32_t>(partition_of(event.key->text, partitions));
    return static_cast<std::int32_t>(next_without_key_++ % static_cast<std::uint32_t>(partitions));
}

Position EventWriter::insert(const OutgoingEvent& event, std::int64_t now) {
    KnownTopic& topic = topic_of(event);
    touch(topic);
    const std::int64_t kind = kind_of(event);
    const std::int32_t partition = choose_partition(event, topic.partitions);
    const EventMetadata& metadata = *event.metadata;
    const bool has_headers = event.headers != nullptr && !event.headers->empty();
    const std::vector<std::byte> headers = has_headers ? pack(*event.headers) : std::vector<std::byte>{};
    // Times of storing never go back, so that a time can be searched for.
    topic.last_stored = std::max(topic.last_stored, now);

    topic.insert.with(topic.next_offset, std::int64_t{partition},
                      std::as_bytes(std::span(metadata.id.bytes())), kind, origin_id(metadata),
                      stored_time(metadata.time), topic.last_stored);
    if (event.key) {
        topic.insert.bind(8, event.key->text);
    } else {
        topic.insert.bind(8, nullptr);
    }
    if (has_headers) {
        topic.insert.bind(9, std::span<const std::byte>(headers));
    } else {
        topic.insert.bind(9, nullptr);
    }
    topic.insert.bind(10, event.payload);
    topic.insert.run();

    topic.bytes += static_cast<std::int64_t>(event.payload.size());
    previous_ = &event;
    previous_topic_ = &topic;
    previous_kind_ = kind;
    return {Partition{partition}, {static_cast<std::uint64_t>(topic.next_offset++), 0}};
}

void EventWriter::write_topics() {
    for (KnownTopic* topic : touched_) {
        update_topic_.with(topic->next_offset, topic->last_stored, topic->bytes, topic->id).run();
        topic->touched = false;
    }
    touched_.clear();
}

}  // namespace eventbus::embedded
