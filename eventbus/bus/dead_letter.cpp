#include "eventbus/bus/dead_letter.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "eventbus/avro/utf8.hpp"
#include "eventbus/avro/writer.hpp"
#include "eventbus/event/error.hpp"
#include "eventbus/event/number.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

constexpr std::string_view kind_header = "eventbus-dead-letter";
constexpr std::string_view letter_header = "eventbus-letter";
constexpr std::string_view reason_header = "eventbus-reason";
constexpr std::string_view error_header = "eventbus-error";
constexpr std::string_view handler_header = "eventbus-handler";
constexpr std::string_view tries_header = "eventbus-tries";
constexpr std::string_view first_try_header = "eventbus-first-try";
constexpr std::string_view last_try_header = "eventbus-last-try";
constexpr std::string_view group_header = "eventbus-group";
constexpr std::string_view topic_header = "eventbus-topic";
constexpr std::string_view partition_header = "eventbus-partition";
constexpr std::string_view position_header = "eventbus-position";
constexpr std::string_view stored_at_header = "eventbus-stored-at";
constexpr std::string_view has_key_header = "eventbus-has-key";
constexpr std::string_view unusable_header = "eventbus-unusable";
constexpr std::string_view own_prefix = "eventbus-own-";

constexpr std::size_t longest_error = std::size_t{8} << 10U;
constexpr std::size_t longest_fact = std::size_t{64} << 10U;

constexpr std::array<std::string_view, 3> kinds{"letter", "redrive", "purge"};

// A text that is cut says so; a character is not cut in two.
std::string cut(const std::string& text) {
    if (text.size() <= longest_error) return text;
    std::size_t end = longest_error;
    constexpr unsigned mask = 0xC0;
    constexpr unsigned continuation = 0x80;
    while (end > longest_error - 4 && (static_cast<unsigned char>(text[end]) & mask) == continuation) --end;
    return text.substr(0, end) + "... (" + std::to_string(text.size()) + " bytes)";
}

/// `42` or `1679676448892-0`.
std::optional<Offset> read_offset(std::string_view text) {
    const std::size_t dash = text.find('-');
    const auto number = read_number<std::uint64_t>(text.substr(0, dash));
    const auto sequence = dash == std::string_view::npos ? std::optional<std::uint64_t>(0)
                                                         : read_number<std::uint64_t>(text.substr(dash + 1));
    if (!number || !sequence) return std::nullopt;
    return Offset{*number, *sequence};
}

std::optional<Position> read_letter_id(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) {
        const auto offset = read_offset(text);
        return offset ? std::optional(Position{Partition{0}, *offset}) : std::nullopt;
    }
    const auto partition = read_number<std::int32_t>(text.substr(0, colon));
    const auto offset = read_offset(text.substr(colon + 1));
    if (!partition || *partition < 0 || !offset) return std::nullopt;
    return Position{Partition{*partition}, *offset};
}

std::string in_partition(Partition partition, const std::string& offset) {
    return partition == Partition{0} ? offset
                                     : std::to_string(static_cast<std::int32_t>(partition)) + ":" + offset;
}

void add(Headers& headers, std::string_view name, std::string value) {
    headers.emplace_back(std::string(name), std::move(value));
}

// What no text can say is left out.
void add_time(Headers& headers, std::string_view name, Timestamp time) {
    try {
        add(headers, name, to_iso8601(time));
    } catch (const InvalidValue&) {
        return;
    }
}

void add_own(Headers& headers, const Headers& own) {
    for (const auto& [name, value] : own) {
        const bool looks_like_ours = name.starts_with(dead_letter_header_prefix);
        headers.emplace_back(looks_like_ours ? std::string(own_prefix) + name : name, value);
    }
}

Headers own_of(const Headers& headers) {
    Headers own;
    for (const auto& [name, value] : headers) {
        if (name.starts_with(own_prefix)) {
            own.emplace_back(name.substr(own_prefix.size()), value);
        } else if (!name.starts_with(dead_letter_header_prefix)) {
            own.emplace_back(name, value);
        }
    }
    return own;
}

/// The facts in a record's headers.
class Facts {
  public:
    explicit Facts(const ReceivedEvent& record) : record_(record) {}

    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const {
        std::optional<std::string_view> found;
        for (const auto& [header, value] : record_.headers) {
            if (header != name) continue;
            if (found) refuse(name, "is there twice");
            if (value.size() > longest_fact) refuse(name, "is longer than 64 KiB");
            found = value;
        }
        return found;
    }

    [[nodiscard]] std::string_view get(std::string_view name) const {
        const auto found = find(name);
        if (!found) refuse(name, "is missing");
        return *found;
    }

    template <class Number>
    [[nodiscard]] Number number(std::string_view name) const {
        const std::string_view text = get(name);
        const auto number = read_number<Number>(text);
        if (!number) refuse(name, quote(text) + " is not a number that is possible here");
        return *number;
    }

    /// What `parse` makes of a header's text.
    template <class Parse>
    [[nodiscard]] auto parsed(std::string_view name, std::string_view text, const Parse& parse) const {
        try {
            return parse(text);
        } catch (const InvalidValue& error) {
            refuse(name, error.what());
        }
    }

    [[nodiscard]] Timestamp time(std::string_view name) const {
        return parsed(name, get(name), parse_iso8601);
    }

    [[nodiscard]] DeadLetterRecord kind() const {
        const std::string_view text = get(kind_header);
        for (std::size_t i = 0; i < kinds.size(); ++i)
            if (kinds.at(i) == text) return static_cast<DeadLetterRecord>(i);
        refuse(kind_header, quote(text) + " is none of letter, redrive and purge");
    }

    [[noreturn]] void refuse(std::string_view name, const std::string& what) const {
        throw DecodeError("what is at position " + letter_id(record_) + " of the dead-letter topic " +
                          record_.topic.str() + " is not a dead letter that is understood here: header " +
                          std::string(name) + ": " + what);
    }

  private:
    const ReceivedEvent& record_;
};

Failure failure_of(const Facts& facts) {
    return {facts.parsed(reason_header, facts.get(reason_header), parse_failure_reason),
            std::string(facts.get(handler_header)),
            std::string(facts.get(error_header)),
            facts.number<std::uint32_t>(tries_header),
            facts.time(first_try_header),
            facts.time(last_try_header)};
}

/// Without the payload.
ReceivedEvent event_of(const Facts& facts, const ReceivedEvent& record) {
    const auto as_topic = [](std::string_view text) { return TopicName(std::string(text)); };
    const auto as_time = [](std::string_view text) { return parse_iso8601(text); };
    ReceivedEvent event{.topic = facts.parsed(topic_header, facts.get(topic_header), as_topic),
                        .position = {},
                        .position_text = std::string(facts.get(position_header)),
                        .metadata = {},
                        .unusable = {},
                        .key = {},
                        .payload = {},
                        .writer_schema = record.writer_schema,
                        .headers = own_of(record.headers),
                        .stored_at = {}};
    event.position = {Partition{facts.number<std::int32_t>(partition_header)},
                      read_offset(event.position_text).value_or(Offset{})};
    if (const auto unusable = facts.find(unusable_header)) {
        event.unusable = std::string(*unusable);
    } else if (record.lacks_schema) {
        event.unusable = record.unusable;
        event.lacks_schema = true;
    }
    if (const auto stored_at = facts.find(stored_at_header))
        event.stored_at = facts.parsed(stored_at_header, *stored_at, as_time);
    if (facts.get(has_key_header) != "no") event.key = record.key;
    event.metadata = record.metadata;
    return event;
}

}  // namespace

OutgoingDeadLetter::OutgoingDeadLetter(const TopicName& topic, const ReceivedEvent& event, bool has_payload,
                                       std::optional<std::string> key)
    : topic_(&topic), event_(&event), has_payload_(has_payload), key_(std::move(key)) {
    if (!key_) return;
    avro::Writer writer(encoded_key_);
    const bool is_text = avro::is_utf8(*key_);
    key_schema_ = is_text ? R"("string")" : R"("bytes")";
    writer.write_bytes(std::as_bytes(std::span(*key_)));
}

OutgoingDeadLetter OutgoingDeadLetter::letter(const TopicName& topic, const ReceivedEvent& event,
                                              const Failure& failure, std::string_view group) {
    OutgoingDeadLetter letter(topic, event, true, event.key ? event.key : event.metadata.id.to_string());
    Headers& headers = letter.headers_;
    add(headers, kind_header, "letter");
    add(headers, reason_header, std::string(to_string(failure.reason)));
    add(headers, error_header, cut(failure.error));
    add(headers, handler_header, failure.handler);
    add(headers, tries_header, std::to_string(failure.tries));
    add_time(headers, first_try_header, failure.first_try);
    add_time(headers, last_try_header, failure.last_try);
    add(headers, group_header, std::string(group));
    add(headers, topic_header, event.topic.str());
    add(headers, partition_header, std::to_string(static_cast<std::int32_t>(event.position.partition)));
    add(headers, position_header, event.position_text);
    add_time(headers, stored_at_header, event.stored_at);
    add(headers, has_key_header, event.key ? "yes" : "no");
    // The registry may know the schema by the time that the letter is sent on.
    if (event.unusable && !event.lacks_schema) add(headers, unusable_header, cut(*event.unusable));
    add_own(headers, event.headers);
    return letter;
}

OutgoingDeadLetter OutgoingDeadLetter::redrive(const ReceivedEvent& record) {
    OutgoingDeadLetter redrive(record.topic, record, true, record.key);
    Headers& headers = redrive.headers_;
    headers.reserve(record.headers.size() + 1);
    add(headers, kind_header, "redrive");
    add(headers, letter_header, letter_id(record));
    for (const auto& [name, value] : record.headers)
        if (name != kind_header && name != letter_header) headers.emplace_back(name, value);
    return redrive;
}

OutgoingDeadLetter OutgoingDeadLetter::purge(const ReceivedEvent& record) {
    OutgoingDeadLetter purge(record.topic, record, false, record.key);
    add(purge.headers_, kind_header, "purge");
    add(purge.headers_, letter_header, letter_id(record));
    return purge;
}

OutgoingEvent OutgoingDeadLetter::view() const {
    OutgoingEvent view{.topic = topic_,
                       .metadata = &event_->metadata,
                       .key = {},
                       .payload = {},
                       .schema = {},
                       .headers = &headers_,
                       .keep = true};
    if (key_) view.key = EventKey{*key_, encoded_key_, key_schema_};
    if (has_payload_) view.payload = event_->payload;
    if (event_->writer_schema) view.schema = *event_->writer_schema;
    return view;
}

std::string letter_id(const ReceivedEvent& record) {
    return in_partition(record.position.partition, record.position_text);
}

std::string letter_id(const Position& position) {
    const Offset& offset = position.offset;
    std::string text = std::to_string(offset.number);
    if (offset.sequence != 0) text += "-" + std::to_string(offset.sequence);
    return in_partition(position.partition, text);
}

Position parse_letter_id(std::string_view text) {
    const auto position = read_letter_id(text);
    if (!position)
        throw InvalidValue(quote(text) + " cannot be a dead letter; they are numbered as `42` or `3:42`");
    return *position;
}

DeadLetterRecordInfo read_record_info(const ReceivedEvent& record) {
    const Facts facts(record);
    const DeadLetterRecord kind = facts.kind();
    if (kind == DeadLetterRecord::letter) return {kind, record.position};
    return {kind, facts.parsed(letter_header, facts.get(letter_header), parse_letter_id)};
}

DeadLetter read_dead_letter(ReceivedEvent record) {
    DeadLetter letter = read_dead_letter_alone(record);
    letter.event.payload = std::move(record.payload);
    return letter;
}

DeadLetter read_dead_letter_alone(const ReceivedEvent& record) {
    const Facts facts(record);
    if (facts.kind() == DeadLetterRecord::purge) facts.refuse(kind_header, "a purge keeps no event");
    const auto as_group = [](std::string_view text) { return GroupName(std::string(text)).str(); };
    Failure failure = failure_of(facts);
    std::string group = facts.parsed(group_header, facts.get(group_header), as_group);
    return {event_of(facts, record), std::move(failure), std::move(group)};
}

Redriven read_redriven(ReceivedEvent record) {
    const Facts facts(record);
    if (facts.kind() != DeadLetterRecord::redrive) facts.refuse(kind_header, "it is no redrive");
    std::string handler(facts.get(handler_header));
    Redriven redriven{event_of(facts, record), std::move(handler)};
    redriven.event.payload = std::move(record.payload);
    return redriven;
}

}  // namespace eventbus
