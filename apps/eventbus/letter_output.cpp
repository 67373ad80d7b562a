#include "letter_output.hpp"

#include <utility>
#include <vector>

#include "eventbus/bus/cloudevent_json.hpp"
#include "eventbus/event/error.hpp"
#include "eventbus/event/quote.hpp"
#include "eventbus/event/word_characters.hpp"

namespace eventbus::app {

namespace {

constexpr std::size_t longest_cell = 80;

// A time that no text can say is shown as none.
Json time_json(Timestamp time) {
    try {
        return to_iso8601(time);
    } catch (const InvalidValue&) {
        return nullptr;
    }
}

std::string json_text(const Json& value, int indent = -1) {
    return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

bool is_plain(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const char32_t c = next_character(text, at);
        if (c == invalid_character || c < 0x20 || (c >= 0x7F && c < 0xA0)) return false;
    }
    return true;
}

// Text from outside never moves the terminal's cursor.
std::string cell(const std::string& text) {
    return text.size() <= longest_cell && is_plain(text) ? text : quote(text);
}

std::string cloudevent(const Bus& bus, const ReceivedEvent& event) {
    std::string text;
    append_cloudevent(text, bus, event);
    return text;
}

}  // namespace

Json facts_of(const OpenLetter& open) {
    const ReceivedEvent& event = open.letter.event;
    const Failure& failure = open.letter.failure;
    Json key = event.key ? Json(*event.key) : Json();
    return {{"letter", open.id},
            {"reason", to_string(failure.reason)},
            {"error", failure.error},
            {"handler", failure.handler},
            {"tries", failure.tries},
            {"first_try", time_json(failure.first_try)},
            {"last_try", time_json(failure.last_try)},
            {"topic", event.topic.str()},
            {"partition", static_cast<std::int32_t>(event.position.partition)},
            {"position", event.position_text},
            {"group", open.letter.group},
            {"key", std::move(key)},
            {"id", event.metadata.id.to_string()},
            {"type", event.metadata.event_type},
            {"time", time_json(event.metadata.time)}};
}

Json event_of(const Bus& bus, const OpenLetter& open) {
    return Json::parse(cloudevent(bus, open.letter.event));
}

std::string export_line(const Bus& bus, const OpenLetter& open) {
    const Failure& failure = open.letter.failure;
    const std::vector<std::pair<std::string_view, Json>> extensions{
        {"letter", open.id},
        {"reason", to_string(failure.reason)},
        {"error", failure.error},
        {"handler", failure.handler},
        {"tries", failure.tries},
        {"firsttry", time_json(failure.first_try)},
        {"lasttry", time_json(failure.last_try)},
        {"group", open.letter.group}};
    std::string line = cloudevent(bus, open.letter.event);
    line.pop_back();
    for (const auto& [name, value] : extensions)
        line.append(",\"").append(name).append("\":").append(json_text(value));
    return line + "}";
}

void print_letter(Output& out, const Bus& bus, const OpenLetter& open) {
    constexpr std::size_t width = 11;
    const auto fact = [&](std::string name, const Json& value) {
        const bool is_plain_text = value.is_string() && is_plain(value.get_ref<const std::string&>());
        name.resize(width, ' ');
        out.line(name + (is_plain_text ? value.get<std::string>() : json_text(value)));
    };
    const Json facts = facts_of(open);
    for (const auto& [name, value] : facts.items()) fact(name, value);
    const Json event = event_of(bus, open);
    for (const char* name : {"source", "sourcehost", "sourcelib", "dataerror"})
        if (event.contains(name)) fact(name, event.at(name));
    const char* data = event.contains("data") ? "data" : "data_base64";
    out.line(data);
    out.line(json_text(event.at(data), 2));
}

Table LetterTable::empty_table() {
    return Table({"LETTER", "LAST TRY", "REASON", "HANDLER", "TRIES", "TYPE", "KEY", "ERROR"});
}

void LetterTable::add(const OpenLetter& open) {
    const ReceivedEvent& event = open.letter.event;
    const Failure& failure = open.letter.failure;
    const Json last_try = time_json(std::chrono::floor<std::chrono::seconds>(failure.last_try));
    table_.add({open.id, last_try.is_string() ? last_try.get<std::string>() : "",
                std::string(to_string(failure.reason)), cell(failure.handler), std::to_string(failure.tries),
                cell(event.metadata.event_type), cell(event.key.value_or("")), cell(failure.error)});
    if (++rows_ == most_rows) finish();
}

void LetterTable::finish() {
    if (rows_ == 0) return;
    table_.print(out_);
    table_ = empty_table();
    rows_ = 0;
}

}  // namespace eventbus::app
