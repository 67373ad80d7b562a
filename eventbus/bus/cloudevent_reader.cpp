#include <algorithm>
#include <array>
#include <utility>

#include "eventbus/avro/base64.hpp"
#include "eventbus/avro/utf8.hpp"
#include "eventbus/bus/cloudevent_json.hpp"
#include "eventbus/bus/json_members.hpp"
#include "eventbus/event/error.hpp"
#include "eventbus/event/number.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

constexpr std::size_t most_bytes = std::size_t{16} << 20U;

constexpr std::array<std::string_view, 24> known_members{
    "specversion", "id",           "source",     "type",        "time",    "datacontenttype",
    "data",        "minorversion", "sourcehost", "sourcelib",   "topic",   "partition",
    "position",    "key",          "dataerror",  "data_base64", "letter",  "reason",
    "error",       "handler",      "tries",      "firsttry",    "lasttry", "group"};

[[noreturn]] void refuse(std::string_view member, const std::string& what) {
    throw InvalidValue("CloudEvent: " + std::string(member) + " " + what);
}

/// The members of an object, each at most once.
class Members {
  public:
    explicit Members(std::string_view json) {
        JsonMembers object(json);
        while (auto member = object.next()) add(std::move(*member));
    }

    [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }

    /// Throws InvalidValue for what no CloudEvent of ours has. Called when it is known that it shall be one.
    void check_names() const {
        if (repeated_) refuse(quote(*repeated_), "is there twice");
        if (unknown_) refuse(quote(*unknown_), "is not a member that is known here");
    }

    /// A value as it stands in the JSON; nothing when it is missing.
    [[nodiscard]] std::optional<std::string_view> value(std::string_view name) const {
        const JsonMember* member = find(name);
        return member == nullptr ? std::nullopt : std::optional(member->value);
    }

    [[nodiscard]] std::optional<std::string> text(std::string_view name) const {
        const auto found = value(name);
        if (!found) return std::nullopt;
        auto text = json_string(*found);
        if (!text) refuse(name, "must be a JSON string");
        return text;
    }

    [[nodiscard]] std::string needed_text(std::string_view name) const {
        auto found = text(name);
        if (!found) refuse(name, "is missing");
        if (found->empty()) refuse(name, "is empty");
        return std::move(*found);
    }

  private:
    // Only members that are known are held, so that their number is bounded.
    void add(JsonMember member) {
        if (has(member.name)) {
            if (!repeated_) repeated_ = std::move(member.name);
        } else if (std::ranges::find(known_members, member.name) == known_members.end()) {
            if (!unknown_) unknown_ = std::move(member.name);
        } else {
            members_.push_back(std::move(member));
        }
    }

    [[nodiscard]] const JsonMember* find(std::string_view name) const {
        const auto found = std::ranges::find(members_, name, &JsonMember::name);
        return found == members_.end() ? nullptr : &*found;
    }

    std::vector<JsonMember> members_;
    std::optional<std::string> repeated_;
    std::optional<std::string> unknown_;
};

/// What `parse` makes of a member's text.
template <class Parse>
auto parsed(std::string_view member, std::string_view text, const Parse& parse) {
    try {
        return parse(text);
    } catch (const InvalidValue& error) {
        refuse(member, std::string("is wrong: ") + error.what());
    }
}

std::optional<std::int32_t> minorversion_of(const Members& members) {
    const auto value = members.value("minorversion");
    if (!value) return std::nullopt;
    const auto number = read_number<std::int32_t>(*value);
    if (!number) refuse("minorversion", "must be a whole number of 32 bits");
    return number;
}

std::optional<std::string> sourcelib_of(const Members& members) {
    auto text = members.text("sourcelib");
    if (text && !is_sourcelib(*text))
        refuse("sourcelib", "must be integers joined by dots, as \"11.2.0\", not " + quote(*text));
    return text;
}

std::vector<std::byte> bytes_of(const std::string& base64) {
    auto bytes = avro::decode_base64(base64);
    if (!bytes) refuse("data_base64", "must be base64 (RFC 4648) with padding");
    return std::move(*bytes);
}

void check_content_type(const Members& members, std::string_view needed) {
    const auto type = members.text("datacontenttype");
    if (type && type->substr(0, type->find(';')) != needed)
        refuse("datacontenttype",
               "must be " + quote(needed) + " for the data that is there, not " + quote(*type));
}

std::variant<std::string, std::vector<std::byte>> data_of(const Members& members) {
    const auto json = members.value("data");
    const auto base64 = members.text("data_base64");
    if (json && base64) refuse("data", "and data_base64 cannot both be there");
    if (!json && !base64) refuse("data", "is missing");
    check_content_type(members, json ? "application/json" : "application/avro");
    if (json) return std::string(*json);
    return bytes_of(*base64);
}

}  // namespace

EventMetadata CloudEvent::metadata(EventMetadata defaults) const {
    defaults.event_type = type;
    defaults.id = id;
    defaults.source = source;
    if (time) defaults.time = *time;
    if (minorversion) defaults.minorversion = *minorversion;
    if (sourcehost) defaults.sourcehost = *sourcehost;
    if (sourcelib) defaults.sourcelib = *sourcelib;
    return defaults;
}

std::optional<CloudEvent> read_cloudevent(std::string_view json) {
    if (json.size() > most_bytes)
        throw DecodeError("JSON: " + std::to_string(json.size()) +
                          " bytes are more than the limit of 16 MiB");
    if (!avro::is_utf8(json)) throw DecodeError("JSON: it is not UTF-8");
    const Members members(json);
    if (!members.has("specversion")) return std::nullopt;
    members.check_names();
    if (const auto version = members.text("specversion"); version != "1.0")
        refuse("specversion", "must be \"1.0\", not " + quote(*version));
    CloudEvent event;
    event.type = members.needed_text("type");
    event.id = parsed("id", members.needed_text("id"), Uuid::parse);
    event.source = members.needed_text("source");
    if (const auto time = members.text("time")) event.time = parsed("time", *time, parse_iso8601);
    event.minorversion = minorversion_of(members);
    event.sourcehost = members.text("sourcehost");
    event.sourcelib = sourcelib_of(members);
    event.data = data_of(members);
    return event;
}

}  // namespace eventbus
