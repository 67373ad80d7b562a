#include "eventbus/bus/cloudevent_json.hpp"

#include <array>

#include "eventbus/avro/base64.hpp"
#include "eventbus/avro/json_view.hpp"
#include "eventbus/bus/bus.hpp"
#include "eventbus/bus/json_string.hpp"
#include "eventbus/event/error.hpp"

namespace eventbus {

namespace {

void append_member(std::string& out, std::string_view name, std::string_view text) {
    out.append(",\"").append(name).append("\":");
    append_json_string(out, text);
}

void append_member(std::string& out, std::string_view name, std::int32_t number) {
    out.append(",\"").append(name).append("\":").append(std::to_string(number));
}

// A time that no text can say, which only an unusable event has, is left out.
void append_time(std::string& out, Timestamp time) {
    std::array<char, 40> buffer{};
    try {
        append_member(out, "time", write_iso8601(time, buffer));
    } catch (const InvalidValue&) {
        return;
    }
}

void append_place(std::string& out, const ReceivedEvent& received) {
    append_member(out, "topic", received.topic.str());
    append_member(out, "partition", static_cast<std::int32_t>(received.position.partition));
    append_member(out, "position", received.position_text);
    if (received.key) append_member(out, "key", *received.key);
}

void append_attributes(std::string& out, const RawEvent& event, std::string_view content_type) {
    const EventMetadata& metadata = event.metadata;
    std::array<char, 36> id{};
    out.append(R"({"specversion":"1.0","id":")").append(metadata.id.write(id)).append("\"");
    append_member(out, "source", metadata.source);
    append_member(out, "type", metadata.event_type);
    append_time(out, metadata.time);
    append_member(out, "datacontenttype", content_type);
    append_member(out, "minorversion", metadata.minorversion);
    append_member(out, "sourcehost", metadata.sourcehost);
    append_member(out, "sourcelib", metadata.sourcelib);
    if (event.received != nullptr) append_place(out, *event.received);
}

void append_bytes(std::string& out, const RawEvent& event, std::string_view reason) {
    append_attributes(out, event, "application/avro");
    append_member(out, "dataerror", reason);
    out.append(R"(,"data_base64":")");
    avro::append_base64(out, event.payload);
    out.append("\"}");
}

}  // namespace

void append_cloudevent(std::string& out, const RawEvent& event) {
    if (!event.schema) return append_bytes(out, event, event.schema_problem);
    const std::size_t before = out.size();
    try {
        append_attributes(out, event, "application/json");
        out.append(",\"data\":");
        avro::append_json(out, event.schema->root(), event.payload);
        out.append("}");
    } catch (const DecodeError& error) {
        out.resize(before);
        append_bytes(out, event, error.what());
    }
}

void append_cloudevent(std::string& out, const Bus& bus, const ReceivedEvent& event) {
    std::string problem;
    const auto schema = bus.schema_of(event, &problem);
    append_cloudevent(out, {.type = bus.catalogue().find(event.metadata.event_type),
                            .metadata = event.metadata,
                            .payload = event.payload,
                            .schema = schema,
                            .schema_problem = problem,
                            .received = &event});
}

}  // namespace eventbus
