// What a Redis server answers for an entry of a stream. It must be read or refused with a DecodeError; and an
// event that was read must be written and read again as the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>

#include "eventbus/broker/redis/entry.hpp"
#include "eventbus/event/error.hpp"

namespace {

using eventbus::ReceivedEvent;

const eventbus::TopicName topic("kettles");
constexpr std::size_t most_bytes = std::size_t{1} << 20U;

void require(bool holds) {
    if (!holds) std::abort();
}

eventbus::OutgoingEvent outgoing(const ReceivedEvent& event) {
    eventbus::OutgoingEvent out;
    out.topic = &topic;
    out.metadata = &event.metadata;
    if (event.key) out.key = eventbus::EventKey{.text = *event.key, .avro = {}, .schema = {}};
    out.payload = event.payload;
    out.headers = &event.headers;
    return out;
}

ReceivedEvent written_and_read(const ReceivedEvent& event) {
    const eventbus::OutgoingEvent out = outgoing(event);
    eventbus::redis::CommandBuffer bytes;
    bytes.begin(2);
    bytes.word(event.position_text);
    bytes.begin(eventbus::redis_streams::field_words(out));
    eventbus::redis_streams::write_fields(bytes, out);
    eventbus::redis::ReplyReader reader(2 * most_bytes);
    reader.feed(bytes.bytes());
    return eventbus::redis_streams::read_entry(topic, reader.next()->view());
}

void check(const ReceivedEvent& event) {
    const ReceivedEvent again = written_and_read(event);
    require(again.metadata == event.metadata && again.headers == event.headers);
    require(again.key == event.key && again.payload == event.payload);
    require(again.position == event.position && again.stored_at == event.stored_at);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    eventbus::redis::ReplyReader reader(most_bytes);
    try {
        reader.feed({reinterpret_cast<const char*>(data), size});
        if (const auto* reply = reader.next())
            check(eventbus::redis_streams::read_entry(topic, reply->view()));
    } catch (const eventbus::DecodeError&) {
        return 0;
    }
    return 0;
}
