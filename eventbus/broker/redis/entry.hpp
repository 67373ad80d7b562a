#pragma once

#include <cstddef>

#include "eventbus/broker/event.hpp"
#include "eventbus/redis/command_buffer.hpp"
#include "eventbus/redis/reply.hpp"

namespace eventbus::redis_streams {

/// The fields of a stream's entry, in this order, as edx-event-bus-redis writes them: `type`, `id`, `source`,
/// `time`, `minorversion`, `sourcehost`, `sourcelib`, `event_data` (the Avro body, without framing). What is
/// ours alone follows, and others ignore it: `eventbus_key`, the key as text, when the event has one, and
/// each header as a field of its name.

/// Words that `write_fields` writes: two for each field.
[[nodiscard]] std::size_t field_words(const OutgoingEvent& event);
/// Writes the fields as words of a command that was begun.
void write_fields(redis::CommandBuffer& command, const OutgoingEvent& event);

/// Bytes of names and values that the event takes as an entry.
[[nodiscard]] std::size_t size_of_fields(const OutgoingEvent& event);

/// Reads an entry: `[id, [field, value, ...]]`, as XRANGE answers. Where the last of several fields of one
/// name counts, as for the Python consumer. Metadata that is missing gets what the Python consumer takes for
/// it, but always the same for the same entry; what makes an event unusable to it makes it unusable here, and
/// each value that cannot be read is kept as the header `eventbus_raw_{field}`.
[[nodiscard]] ReceivedEvent read_entry(const TopicName& topic, redis::ReplyView entry);

}  // namespace eventbus::redis_streams
