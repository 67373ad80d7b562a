#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "eventbus/avro/schema.hpp"
#include "eventbus/broker/event.hpp"
#include "eventbus/catalogue/signal.hpp"
#include "eventbus/event/metadata.hpp"

namespace eventbus {

class InboxTransaction;

/// What a handler can learn about an event besides its data. Valid during the call.
struct EventContext {
    const EventMetadata& metadata;
    /// Where a broker had it: topic, position, key, headers. Null for an event that was sent in this process.
    const ReceivedEvent* received = nullptr;
    /// Where a handler with InboxUse::transaction does its work; null for others, and for an event that was
    /// sent in this process.
    InboxTransaction* transaction = nullptr;

    /// True for an event that came from a broker. Such an event is not sent to a broker again.
    [[nodiscard]] bool from_bus() const { return received != nullptr; }
};

/// An event of any type, its data still in Avro's binary encoding: for handlers that print, forward or store
/// events. Valid during the call.
struct RawEvent {
    /// Null when the catalogue does not have the event's type.
    const EventType* type = nullptr;
    const EventMetadata& metadata;
    std::span<const std::byte> payload;
    /// The schema that the payload was written with: the sender's where the wire tells it, else that of
    /// `type`. Null when nobody knows it.
    std::shared_ptr<const avro::SchemaDocument> schema;
    /// Why `schema` is null; empty when it is not.
    std::string_view schema_problem;
    /// Null for an event that was sent in this process.
    const ReceivedEvent* received = nullptr;
    /// See EventContext::transaction.
    InboxTransaction* transaction = nullptr;
};

}  // namespace eventbus
