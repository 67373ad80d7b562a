#pragma once

#include <cstddef>

#include "eventbus/broker/event.hpp"
#include "eventbus/redis/command_buffer.hpp"
#include "eventbus/redis/reply.hpp"

namespace eventbus::redis_streams {

/// The fields of a stream's entry, in this order, as edx-event-bus-redis writes them: `type`, `id`, `source`,
/// `time`, `minorversion`, `sourcehost`, `sourcelib`, `event_data` (the Avro body, without framing). What is
/// ours alone follows, and others ignore it: `eventbus-key`, the key as text, when the event has one, and
/// each header as a field of its name; `eventbus-header-` stands before one that is named like another field.

/// Words that `write_fields` writes: two for each field.
[[nodiscard]] std::size_t field_words(const OutgoingEvent& event);
/// Writes the fields as words of a command that was begun.
void write_fields(redis::CommandBuffer& command, const OutgoingEvent& event);

/// Reads an entry: `[id, [field, value, ...]]`, as XRANGE answers. Of several fields of one name the last one
/// counts, as for the Python consumer. Without a type or data, or with a value that is not what it should be,
/// the event is unusable, and the value is kept as the header `eventbus-raw-{field}`. The rest of the
/// metadata may be missing or empty, as for the Python consumer: an id is made of the topic and the entry's
/// id, always the same, and the time is that of storing.
[[nodiscard]] ReceivedEvent read_entry(const TopicName& topic, redis::ReplyView entry);

}  // namespace eventbus::redis_streams
