#include "eventbus/broker/redis/entry.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "eventbus/broker/redis/stream_id.hpp"
#include "eventbus/event/error.hpp"
#include "eventbus/event/number.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus::redis_streams {

namespace {

enum Field : std::size_t { type, id, source, time, minorversion, sourcehost, sourcelib, event_data, key };

constexpr std::array<std::string_view, 9> names{
    "type", "id", "source", "time", "minorversion", "sourcehost", "sourcelib", "event_data", "eventbus-key"};
constexpr std::size_t fields_of_all = 8;
constexpr std::string_view header_prefix = "eventbus-header-";
constexpr std::string_view raw_prefix = "eventbus-raw-";

bool needs_prefix(std::string_view header) {
    return std::find(names.begin(), names.end(), header) != names.end() || header.starts_with(header_prefix);
}

void write_header(redis::CommandBuffer& command, const std::string& name, std::string_view value) {
    if (needs_prefix(name)) {
        command.word(std::string(header_prefix) + name);
    } else {
        command.word(name);
    }
    command.word(value);
}

// A time that no text can say is left to the time of storing.
std::string_view write_time(Timestamp when, std::array<char, 40>& buffer) {
    try {
        return write_iso8601(when, buffer);
    } catch (const InvalidValue&) {
        return {};
    }
}

/// The values of the fields that are known, and the others as headers.
struct Fields {
    std::array<std::optional<std::string_view>, names.size()> known;
    Headers headers;

    /// What is not missing and not empty.
    [[nodiscard]] std::optional<std::string_view> value(Field field) const {
        const auto& found = known[field];
        return found && !found->empty() ? found : std::nullopt;
    }
};

void add(Fields& fields, std::string_view name, std::string_view value) {
    const auto known = std::find(names.begin(), names.end(), name);
    if (known != names.end()) {
        fields.known[static_cast<std::size_t>(known - names.begin())] = value;
        return;
    }
    if (name.starts_with(header_prefix)) name.remove_prefix(header_prefix.size());
    fields.headers.emplace_back(name, value);
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

/// Reads the metadata, and notes what is wrong with it.
class MetadataReader {
  public:
    explicit MetadataReader(ReceivedEvent& event, Fields& fields) : event_(event), fields_(fields) {}

    void read() {
        EventMetadata& metadata = event_.metadata;
        metadata.event_type = text(type);
        if (metadata.event_type.empty()) note("the event has no type");
        read_id();
        metadata.source = text(source);
        read_time();
        read_minorversion();
        metadata.sourcehost = text(sourcehost);
        metadata.sourcelib = text(sourcelib);
        if (!metadata.sourcelib.empty() && !is_sourcelib(metadata.sourcelib)) {
            refuse(sourcelib, "integers joined by dots");
            metadata.sourcelib.clear();
        }
        if (!fields_.known[event_data]) note("the event has no data");
    }

  private:
    [[nodiscard]] std::string text(Field field) const {
        return std::string(fields_.value(field).value_or(""));
    }

    void read_id() {
        const auto value = fields_.value(id);
        if (!value) {
            event_.metadata.id = id_of_entry();
            return;
        }
        try {
            event_.metadata.id = Uuid::parse(*value);
        } catch (const InvalidValue&) {
            refuse(id, "a UUID");
        }
    }

    void read_time() {
        const auto value = fields_.value(time);
        if (!value) {
            event_.metadata.time = event_.stored_at;
            return;
        }
        try {
            event_.metadata.time = parse_iso8601(*value);
        } catch (const InvalidValue&) {
            refuse(time, "a time in ISO 8601");
        }
    }

    void read_minorversion() {
        const auto value = fields_.value(minorversion);
        if (!value) return;
        if (const auto number = read_number<std::int32_t>(*value)) {
            event_.metadata.minorversion = *number;
        } else {
            refuse(minorversion, "a whole number");
        }
    }

    void refuse(Field field, std::string_view wanted) {
        const std::string_view value = *fields_.value(field);
        note("the event's " + std::string(names[field]) + " is not " + std::string(wanted) + ": " +
             quote(value));
        fields_.headers.emplace_back(std::string(raw_prefix) + std::string(names[field]), value);
    }

    void note(std::string problem) {
        if (!event_.unusable) event_.unusable = std::move(problem);
    }

    /// A UUID of version 5 (RFC 4122) in a namespace of ours.
    [[nodiscard]] Uuid id_of_entry() const {
        const std::string name = "eventbus redis entry " + event_.topic.str() + " " + event_.position_text;
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
        if (EVP_Digest(name.data(), name.size(), digest.data(), nullptr, EVP_sha1(), nullptr) != 1)
            throw Error("SHA-1 is not to be had from OpenSSL");
        std::array<std::uint8_t, 16> bytes{};
        std::copy_n(digest.begin(), bytes.size(), bytes.begin());
        bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0FU) | 0x50U);
        bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3FU) | 0x80U);
        return Uuid(bytes);
    }

    ReceivedEvent& event_;
    Fields& fields_;
};

}  // namespace

std::size_t field_words(const OutgoingEvent& event) {
    const std::size_t headers = event.headers == nullptr ? 0 : event.headers->size();
    return 2 * (fields_of_all + (event.key ? 1 : 0) + headers);
}

void write_fields(redis::CommandBuffer& command, const OutgoingEvent& event) {
    const EventMetadata& metadata = *event.metadata;
    std::array<char, 36> id_text{};
    std::array<char, 40> time_text{};
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
    MetadataReader(event, fields).read();
    event.headers = std::move(fields.headers);
    if (fields.known[key]) event.key = std::string(*fields.known[key]);
    if (const auto data = fields.known[event_data]) {
        event.payload.resize(data->size());
        if (!data->empty()) std::memcpy(event.payload.data(), data->data(), data->size());
    }
    return event;
}

}  // namespace eventbus::redis_streams
