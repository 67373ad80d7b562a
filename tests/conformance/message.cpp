#include "message.hpp"

#include <algorithm>

#include "eventbus/avro/utf8.hpp"
#include "eventbus/avro/writer.hpp"

namespace eventbus::conformance {

OutgoingEvent Message::view() const {
    OutgoingEvent event;
    event.topic = &topic;
    event.metadata = &metadata;
    if (key) {
        encoded_key.clear();
        avro::Writer writer(encoded_key);
        writer.write_bytes(std::as_bytes(std::span(*key)));
        event.key = EventKey{*key, encoded_key, avro::is_utf8(*key) ? R"("string")" : R"("bytes")"};
    }
    event.payload = std::as_bytes(std::span(payload));
    event.schema = schema;
    event.headers = &headers;
    return event;
}

EventMetadata Message::example_metadata() {
    EventMetadata metadata;
    metadata.event_type = "org.openedx.learning.student.registration.completed.v1";
    metadata.id = Uuid::make_v1();
    metadata.source = "openedx/lms/web";
    metadata.sourcehost = "app-1.example.org";
    metadata.time = parse_iso8601("2026-02-03T04:05:06.789012+00:00");
    metadata.sourcelib = "11.2.0";
    return metadata;
}

std::vector<Message> messages(const TopicName& topic, std::size_t count, const std::string& prefix,
                              const std::optional<std::string>& key) {
    std::vector<Message> all;
    for (const std::string& payload : numbered(prefix, count)) all.push_back({topic, payload, key});
    return all;
}

std::vector<std::string> numbered(const std::string& prefix, std::size_t count, std::size_t from) {
    std::vector<std::string> all;
    for (std::size_t i = from; i < from + count; ++i) all.push_back(prefix + std::to_string(i));
    return all;
}

std::string text(const ReceivedEvent& event) {
    std::string payload(event.payload.size(), '\0');
    std::ranges::transform(event.payload, payload.begin(),
                           [](std::byte byte) { return static_cast<char>(byte); });
    return payload;
}

std::vector<std::string> texts(const std::vector<ReceivedEvent>& events) {
    std::vector<std::string> all;
    for (const ReceivedEvent& event : events) all.push_back(text(event));
    return all;
}

std::vector<std::string> sorted(std::vector<std::string> values) {
    std::ranges::sort(values);
    return values;
}

}  // namespace eventbus::conformance
