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
      insert_event_(connection.prepare(
          "INSERT INTO events(position, id, kind, origin, time, stored, key, headers, payload) "
          "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)")),
      read_partition_(connection.prepare(
          "SELECT first_offset, next_offset, last_stored, bytes FROM partitions WHERE id = ?")),
      update_partition_(connection.prepare(
          "UPDATE partitions SET next_offset = ?, last_stored = ?, bytes = ? WHERE id = ?")),
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
    try {
        Transaction transaction(connection_);
        const Timestamp now = clock_();
        for (std::size_t i = 0; i < events.size(); ++i) positions[i] = insert(*events[i], now);
        write_partitions();
        transaction.commit();
    } catch (...) {
        forget();
        throw;
    }
    partitions_.clear();
}

std::vector<std::string> EventWriter::take_written_topics() {
    std::vector<std::string> names;
    for (auto& [name, known] : topics_)
        if (std::exchange(known.written, false)) names.push_back(name);
    return names;
}

// What was made in a transaction that failed is not there; and a topic may have been deleted by another
// process.
void EventWriter::forget() {
    topics_.clear();
    kinds_.clear();
    origin_ = {};
    partitions_.clear();
    touched_.clear();
}

EventWriter::KnownTopic& EventWriter::topic_for(const std::string& name) {
    if (const auto known = topics_.find(name); known != topics_.end()) return known->second;
    auto topic = find_topic(connection_, name);
    if (!topic) {
        topic = make_topic(connection_, name, new_topic_);
        made_topic_ = true;
    }
    return topics_.emplace(name, KnownTopic{*topic}).first->second;
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

EventWriter::Partition& EventWriter::partition_for(PartitionId id) {
    const auto key = static_cast<std::int64_t>(id);
    Partition& partition = partitions_[key];
    if (partition.touched) return partition;
    if (!read_partition_.with(key).next())
        throw NotFound("the topic was deleted while it was written to; send again");
    partition.state = {read_partition_.integer(0), read_partition_.integer(1), read_partition_.integer(2),
                       read_partition_.integer(3)};
    read_partition_.reset();
    partition.touched = true;
    touched_.push_back(key);
    return partition;
}

std::int32_t EventWriter::choose_partition(const OutgoingEvent& event, const Topic& topic) {
    if (event.key) return static_cast<std::int32_t>(partition_of(event.key->text, topic.partitions));
    return static_cast<std::int32_t>(next_without_key_++ % static_cast<std::uint32_t>(topic.partitions));
}

Position EventWriter::insert(const OutgoingEvent& event, Timestamp now) {
    KnownTopic& known = topic_for(event.topic->str());
    const Topic& topic = known.topic;
    const std::int32_t number = choose_partition(event, topic);
    const PartitionId id = topic.partition(number);
    PartitionState& state = partition_for(id).state;
    if (state.next_offset > most_offset)
        throw BrokerError("partition " + std::to_string(number) + " of " + event.topic->str() + " is full",
                          false);
    const EventMetadata& metadata = *event.metadata;
    const std::vector<std::byte> headers =
        event.headers != nullptr ? pack(*event.headers) : std::vector<std::byte>{};
    // Times of storing never go back within a partition, so that a time can be searched for.
    state.last_stored = std::max(state.last_stored, stored_time(now));

    insert_event_.with(row_of(id, state.next_offset), std::as_bytes(std::span(metadata.id.bytes())),
                       kind_id(event), origin_id(metadata), std::int64_t{stored_time(metadata.time)},
                       state.last_stored);
    if (event.key) {
        insert_event_.bind(7, event.key->text);
    } else {
        insert_event_.bind(7, nullptr);
    }
    if (headers.empty()) {
        insert_event_.bind(8, nullptr);
    } else {
        insert_event_.bind(8, std::span<const std::byte>(headers));
    }
    insert_event_.bind(9, event.payload);
    insert_event_.run();

    state.bytes += static_cast<std::int64_t>(event.payload.size());
    known.written = true;
    return {eventbus::Partition{number}, {static_cast<std::uint64_t>(state.next_offset++), 0}};
}

void EventWriter::write_partitions() {
    for (const std::int64_t id : touched_) {
        const PartitionState& state = partitions_[id].state;
        update_partition_.with(state.next_offset, state.last_stored, state.bytes, id).run();
    }
    touched_.clear();
}

}  // namespace eventbus::embedded
