#include "eventbus/broker/named_metadata.hpp"

#include <cstdint>
#include <string>
#include <utility>

#include "eventbus/event/error.hpp"
#include "eventbus/event/number.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

constexpr std::string_view raw_prefix = "eventbus-raw-";

class MetadataReader {
  public:
    explicit MetadataReader(ReceivedEvent& event) : event_(event) {}

    void read(const NamedMetadata& texts) {
        EventMetadata& metadata = event_.metadata;
        metadata.event_type = text(texts.type);
        parse(texts.id, "a UUID", [&](std::string_view value) { metadata.id = Uuid::parse(value); });
        metadata.source = text(texts.source);
        if (!texts.time.given()) metadata.time = event_.stored_at;
        parse(texts.time, "a time in ISO 8601",
              [&](std::string_view value) { metadata.time = parse_iso8601(value); });
        parse(texts.minorversion, "a whole number", [&](std::string_view value) {
            const auto number = read_number<std::int32_t>(value);
            if (!number) throw InvalidValue("no number");
            metadata.minorversion = *number;
        });
        metadata.sourcehost = text(texts.sourcehost);
        parse(texts.sourcelib, "integers joined by dots", [&](std::string_view value) {
            if (!is_sourcelib(value)) throw InvalidValue("no version");
            metadata.sourcelib = std::string(value);
        });
    }

  private:
    static std::string text(const NamedText& text) { return std::string(text.given().value_or("")); }

    template <class Parse>
    void parse(const NamedText& text, std::string_view wanted, const Parse& parse) {
        const auto value = text.given();
        if (!value) return;
        try {
            parse(*value);
        } catch (const InvalidValue&) {
            note_problem(event_, "the event's " + std::string(text.name) + " is not " + std::string(wanted) +
                                     ": " + quote(*value));
            event_.headers.emplace_back(std::string(raw_prefix) + std::string(text.name), *value);
        }
    }

    ReceivedEvent& event_;
};

}  // namespace

void note_problem(ReceivedEvent& event, std::string problem) {
    if (!event.unusable) event.unusable = std::move(problem);
}

void read_named_metadata(ReceivedEvent& event, const NamedMetadata& metadata) {
    MetadataReader(event).read(metadata);
}

std::string_view write_time(Timestamp time, TimeText& buffer) {
    try {
        return write_iso8601(time, buffer);
    } catch (const InvalidValue&) {
        return {};
    }
}

std::string_view without_own_prefix(std::string_view header) {
    if (header.starts_with(own_header_prefix)) header.remove_prefix(own_header_prefix.size());
    return header;
}

}  // namespace eventbus
