#include "eventbus/broker/redis/entry.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "eventbus/broker/named_metadata.hpp"
#include "eventbus/broker/redis/stream_id.hpp"
#include "eventbus/event/error.hpp"

namespace eventbus::redis_streams {

namespace {

enum Field : std::size_t { type, id, source, time, minorversion, sourcehost, sourcelib, event_data, key };

constexpr std::array<std::string_view, 9> names{
    "type", "id", "source", "time", "minorversion", "sourcehost", "sourcelib", "event_data", "eventbus-key"};
constexpr std::size_t fields_of_all = 8;

bool needs_prefix(std::string_view header) {
    return std::find(names.begin(), names.end(), header) != names.end() ||
           header.starts_with(own_header_prefix);
}

void write_header(redis::CommandBuffer& command, const std::string& name, std::string_view value) {
    if (needs_prefix(name)) {
        command.word(std::string(own_header_prefix) + name);
    } else {
        command.word(name);
    }
    command.word(value);
}

/// The values of the fields that are known, and the others as headers.
struct Fields {
    std::array<std::optional<std::string_view>, names.size()> known;
    Headers headers;

    [[nodiscard]] NamedText text(Field field) const { return {names[field], known[field]}; }
};

void add(Fields& fields, std::string_view name, std::string_view value) {
    const auto known = std::find(names.begin(), names.end(), name);
    if (known != names.end()) {
        fields.known[static_cast<std::size_t>(known - names.begin())] = value;
        return;
    }
    fields.headers.emplace_back(without_own_prefix(name), value);
}

Fields read_fields(redis::ReplyView list) {
    Fields fields;
    redis::ReplyView name = list;
    for (std::size_t i = 0; i + 1 < list.size(); i += 2) {
        name = i == 0 ? list.first() : name.next().next();
        add(fields, name.text(), name.next().text());
    }
    return fields;
}

/// A UUID of version 5 (RFC 4122) in a namespace of ours.
Uuid id_of_entry(const ReceivedEvent& event) {
    const std::string name = "eventbus redis entry " + event.topic.str() + " " + event.position_text;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    if (EVP_Digest(name.data(), name.size(), digest.data(), nullptr, EVP_sha1(), nullptr) != 1)
        throw Error("SHA-1 is not to be had from OpenSSL");
    std::array<std::uint8_t, 16> bytes{};
    std::copy_n(digest.begin(), bytes.size(), bytes.begin());
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0FU) | 0x50U);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3FU) | 0x80U);
    return Uuid(bytes);
}

void read_metadata(ReceivedEvent& event, const Fields& fields) {
    if (!fields.text(type).given()) note_problem(event, "the event has no type");
    if (!fields.text(id).given()) event.metadata.id = id_of_entry(event);
    read_named_metadata(event, {fields.text(type), fields.text(id), fields.text(source), fields.text(time),
                                fields.text(minorversion), fields.text(sourcehost), fields.text(sourcelib)});
    if (!fields.known[event_data]) note_problem(event, "the event has no data");
}

}  // namespace

std::size_t field_words(const OutgoingEvent& event) {
    const std::size_t headers = event.headers == nullptr ? 0 : event.headers->size();
    return 2 * (fields_of_all + (event.key ? 1 : 0) + headers);
}

void write_fields(redis::CommandBuffer& command, const OutgoingEvent& event) {
    const EventMetadata& metadata = *event.metadata;
    std::array<char, 36> id_text{};
    TimeText time_text{};
    command.word(names[type]);
    command.word(metadata.event_type);
    command.word(names[id]);
    command.word(metadata.id.write(id_text));
    command.word(names[source]);
    command.word(metadata.source);
    command.word(names[time]);
    command.word(write_time(metadata.time, time_text));
    command.word(names[minorversion]);
    command.word(std::int64_t{metadata.minorversion});
    command.word(names[sourcehost]);
    command.word(metadata.sourcehost);
    command.word(names[sourcelib]);
    command.word(metadata.sourcelib);
    command.word(names[event_data]);
    command.word(event.payload);
    if (event.key) {
        command.word(names[key]);
        command.word(event.key->text);
    }
    if (event.headers == nullptr) return;
    for (const auto& [name, value] : *event.headers) write_header(command, name, value);
}

ReceivedEvent read_entry(const TopicName& topic, redis::ReplyView entry) {
    const Offset offset = stream_id_of(entry[0].text());
    ReceivedEvent event{topic, {Partition{0}, offset}, std::string(entry[0].text()), {}, {}, {}, {}, nullptr,
                        {},    stored_at(offset)};
    Fields fields = read_fields(entry[1]);
    event.headers = std::move(fields.headers);
    read_metadata(event, fields);
    if (fields.known[key]) event.key = std::string(*fields.known[key]);
    if (const auto data = fields.known[event_data]) {
        event.payload.resize(data->size());
        if (!data->empty()) std::memcpy(event.payload.data(), data->data(), data->size());
    }
    return event;
}

}  // namespace eventbus::redis_streams
