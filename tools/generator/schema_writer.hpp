#pragma once

#include <string>

#include "model.hpp"

namespace eventbus::generator {

/// The Avro schema of an event as JSON text, letter for letter what openedx-events gives a schema registry
/// for the same event: the record `CloudEvent` in the namespace of the event type, records by name from their
/// second use, nullable fields as a union of null first with the default null; members sorted by name.
[[nodiscard]] std::string avro_schema(const Subdomain& subdomain, const Event& event);

}  // namespace eventbus::generator
