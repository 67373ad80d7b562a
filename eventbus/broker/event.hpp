#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eventbus/broker/position.hpp"
#include "eventbus/event/metadata.hpp"
#include "eventbus/event/names.hpp"

namespace eventbus {

/// What is ours alone on the wire (trace context, dead-letter facts): extra headers that other readers
/// ignore.
using Headers = std::vector<std::pair<std::string, std::string>>;

/// What decides the partition and so the order: events of one topic with equal keys are handled in order.
struct EventKey {
    /// The key as text: a string value as it is, any other value as JSON. Partitions are chosen by these
    /// bytes.
    std::string_view text;
    /// The same value in Avro's binary encoding, and its schema as JSON, for wires that carry keys typed.
    std::span<const std::byte> avro;
    std::string_view schema;
};

/// An event on its way out. All views stay the caller's; a publisher that keeps the event copies them.
struct OutgoingEvent {
    const TopicName* topic = nullptr;
    const EventMetadata* metadata = nullptr;
    /// Without a key the publisher spreads events over the partitions.
    std::optional<EventKey> key;
    /// The event's data in Avro's binary encoding, without framing.
    std::span<const std::byte> payload;
    /// Avro schema of the payload as JSON.
    std::string_view schema;
    const Headers* headers = nullptr;
    /// Not to be removed to make room for newer events: dead letters.
    bool keep = false;
};

/// An event as it came from a broker.
struct ReceivedEvent {
    TopicName topic;
    Position position;
    /// Position as the backend's users write it: `42`, `1679676448892-0`.
    std::string position_text;
    /// Complete when `unusable` is empty; else what could be read of it.
    EventMetadata metadata;
    /// Why the metadata cannot be used (`the id "x" is not a UUID`), for a person to read.
    std::optional<std::string> unusable;
    /// The key as text (see EventKey::text).
    std::optional<std::string> key;
    std::vector<std::byte> payload;
    /// The Avro schema that the sender wrote with, as JSON, where the wire tells it; null where the wire does
    /// not. Events with the same schema share one string.
    std::shared_ptr<const std::string> writer_schema;
    Headers headers;
    /// When the broker stored it.
    Timestamp stored_at{};
    /// All that is said by `unusable` is that the schema of the data was not to be had: who reads the event
    /// later may get it.
    bool lacks_schema = false;
};

}  // namespace eventbus
