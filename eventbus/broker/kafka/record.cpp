#include "eventbus/broker/kafka/record.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <span>
#include <string_view>

#include "eventbus/avro/json_view.hpp"
#include "eventbus/avro/reader.hpp"
#include "eventbus/broker/named_metadata.hpp"
#include "eventbus/event/error.hpp"

namespace eventbus::kafka_topics {

namespace {

enum Field : std::size_t {
    specversion,
    content_type,
    datacontenttype,
    type,
    id,
    source,
    time,
    minorversion,
    sourcehost,
    sourcelib
};

constexpr std::array<std::string_view, 10> names{
    "ce_specversion", "content-type", "ce_datacontenttype", "ce_type",    "ce_id",
    "ce_source",      "ce_time",      "ce_minorversion",    "sourcehost", "sourcelib"};
constexpr std::string_view avro_content = "application/avro";
constexpr std::string_view spec_version = "1.0";
constexpr std::size_t longest_text_of_an_id = 36;
constexpr std::size_t longest_text_of_a_number = 20;

void add(rd_kafka_headers_t* headers, std::string_view name, std::string_view value) {
    rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
}

bool needs_prefix(std::string_view header) {
    return std::find(names.begin(), names.end(), header) != names.end() ||
           header.starts_with(own_header_prefix);
}

std::string_view text_of(const void* bytes, std::size_t size) {
    return bytes == nullptr ? std::string_view{} : std::string_view(static_cast<const char*>(bytes), size);
}

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

/// The headers of a record: those of the metadata by field, the others in the event.
class HeaderReader {
  public:
    explicit HeaderReader(ReceivedEvent& event) : event_(event) {}

    void read(const rd_kafka_message_t& message) {
        rd_kafka_headers_t* headers = nullptr;
        if (rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) take(headers);
        if (!text(type).given()) note_problem(event_, "the event has no type: the header ce_type is missing");
        read_named_metadata(event_, {text(type), text(id), text(source), text(time), text(minorversion),
                                     text(sourcehost), text(sourcelib)});
    }

  private:
    void take(const rd_kafka_headers_t* headers) {
        const char* name = nullptr;
        const void* value = nullptr;
        std::size_t size = 0;
        for (std::size_t i = 0;
             rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
            take(name, text_of(value, size));
    }

    void take(std::string_view name, std::string_view value) {
        const auto* const known = std::find(names.begin(), names.end(), name);
        if (known == names.end()) {
            event_.headers.emplace_back(without_own_prefix(name), value);
            return;
        }
        auto& field = known_.at(static_cast<std::size_t>(known - names.begin()));
        if (field) note_problem(event_, "the event has the header " + std::string(name) + " twice");
        field = value;
    }

    [[nodiscard]] NamedText text(Field field) const { return {names.at(field), known_.at(field)}; }

    ReceivedEvent& event_;
    std::array<std::optional<std::string_view>, names.size()> known_;
};

Timestamp stored_at(const rd_kafka_message_t& message) {
    rd_kafka_timestamp_type_t kind{};
    const std::int64_t milliseconds = rd_kafka_message_timestamp(&message, &kind);
    return kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? Timestamp{}
                                                    : Timestamp(std::chrono::milliseconds(milliseconds));
}

}  // namespace

RecordHeaders make_headers(const OutgoingEvent& event) {
    const EventMetadata& metadata = *event.metadata;
    std::array<char, longest_text_of_an_id> id_text{};
    TimeText time_text{};
    std::array<char, longest_text_of_a_number> number{};
    const char* const number_end =
        std::to_chars(number.data(), number.data() + number.size(), metadata.minorversion).ptr;
    RecordHeaders headers(
        rd_kafka_headers_new(names.size() + (event.headers == nullptr ? 0 : event.headers->size())));
    add(headers.get(), names[specversion], spec_version);
    add(headers.get(), names[content_type], avro_content);
    add(headers.get(), names[datacontenttype], avro_content);
    add(headers.get(), names[type], metadata.event_type);
    add(headers.get(), names[id], metadata.id.write(id_text));
    add(headers.get(), names[source], metadata.source);
    add(headers.get(), names[time], write_time(metadata.time, time_text));
    add(headers.get(), names[minorversion],
        {number.data(), static_cast<std::size_t>(number_end - number.data())});
    add(headers.get(), names[sourcehost], metadata.sourcehost);
    add(headers.get(), names[sourcelib], metadata.sourcelib);
    if (event.headers == nullptr) return headers;
    for (const auto& [name, value] : *event.headers)
        add(headers.get(), needs_prefix(name) ? std::string(own_header_prefix) + name : name, value);
    return headers;
}

SchemaId RecordSchemas::id_of(std::vector<Known>& known, const TopicName& topic, std::string_view schema) {
    {
        const std::lock_guard lock(mutex_);
        for (const Known& one : known)
            if (one.schema == schema && one.topic == topic.str()) return one.id;
    }
    const SchemaId id = registry_.id_of(subject_of(topic.str(), schema), schema);
    const std::lock_guard lock(mutex_);
    known.push_back({topic.str(), std::string(schema), id});
    return id;
}

RecordIds RecordSchemas::ids_of(const OutgoingEvent& event) {
    RecordIds ids;
    if (event.key && !event.keep) ids.key = id_of(keys_, *event.topic, event.key->schema);
    if (event.schema.empty()) return ids;
    ids.value = event.keep ? registry_.known_id(event.schema) : std::nullopt;
    if (!ids.value) ids.value = id_of(values_, *event.topic, event.schema);
    return ids;
}

void write_key(std::vector<std::byte>& out, const OutgoingEvent& event, const RecordIds& ids) {
    if (ids.key) return write_framed(out, *ids.key, event.key->avro);
    const auto text = bytes_of(event.key->text);
    out.assign(text.begin(), text.end());
}

void write_value(std::vector<std::byte>& out, const OutgoingEvent& event, const RecordIds& ids) {
    if (ids.value) return write_framed(out, *ids.value, event.payload);
    out.assign(event.payload.begin(), event.payload.end());
}

const avro::Schema& RecordReader::key_schema(SchemaId id) {
    auto known = key_schemas_.find(id);
    if (known == key_schemas_.end())
        known = key_schemas_.emplace(id, avro::SchemaDocument::parse(*registry_.schema(id))).first;
    return known->second->root();
}

// A key that cannot be read is taken as it is: it still says which events belong together.
std::string RecordReader::read_key(std::string_view key) {
    try {
        const Framed framed = read_framed(bytes_of(key));
        const avro::Schema& schema = key_schema(framed.id);
        if (schema.kind == avro::Kind::string || schema.kind == avro::Kind::bytes) {
            avro::Reader reader(framed.body);
            const auto text = reader.read_bytes();
            return {reinterpret_cast<const char*>(text.data()), text.size()};
        }
        std::string text;
        avro::append_json(text, schema, framed.body);
        return text;
    } catch (const BrokerError& error) {
        if (error.retriable()) throw;
    } catch (const DecodeError&) {
        return std::string(key);
    }
    return std::string(key);
}

void RecordReader::read_value(ReceivedEvent& event, std::string_view value) {
    std::span<const std::byte> payload = bytes_of(value);
    const std::string what = "the event's data cannot be read: ";
    const bool was_usable = !event.unusable;
    std::optional<Framed> framed;
    try {
        framed = read_framed(payload);
        event.writer_schema = registry_.schema(framed->id);
        payload = framed->body;
    } catch (const NotFound& error) {
        note_problem(event, what + error.what());
    } catch (const DecodeError& error) {
        note_problem(event, what + error.what());
    }
    event.lacks_schema = was_usable && framed && event.writer_schema == nullptr;
    event.payload.assign(payload.begin(), payload.end());
}

ReceivedEvent RecordReader::read(const TopicName& topic, const rd_kafka_message_t& message) {
    const auto offset = static_cast<std::uint64_t>(message.offset);
    ReceivedEvent event{topic,
                        {Partition{message.partition}, {offset, 0}},
                        std::to_string(offset),
                        {},
                        {},
                        {},
                        {},
                        nullptr,
                        {},
                        stored_at(message)};
    HeaderReader(event).read(message);
    if (message.key != nullptr) event.key = read_key(text_of(message.key, message.key_len));
    read_value(event, text_of(message.payload, message.len));
    return event;
}

}  // namespace eventbus::kafka_topics
