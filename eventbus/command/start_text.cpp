#include "eventbus/command/start_text.hpp"

#include <optional>
#include <string>

#include "eventbus/event/error.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

constexpr std::string_view digits = "0123456789";

std::optional<Timestamp> time_of(std::string_view text) {
    try {
        return parse_iso8601(text);
    } catch (const InvalidValue&) {
        return std::nullopt;
    }
}

bool consists_of(std::string_view text, std::string_view characters) {
    return !text.empty() && digits.find(text.front()) != std::string_view::npos &&
           text.find_first_not_of(characters) == std::string_view::npos;
}

}  // namespace

StartAt parse_start(std::string_view text) {
    if (text == "earliest") return Earliest{};
    if (text == "latest") return Latest{};
    if (consists_of(text, "0123456789:,")) return AfterId{std::string(text)};
    if (const auto time = time_of(text)) return AtTime{*time};
    // The ids of Redis: 1679676448892-0.
    if (consists_of(text, "0123456789-:,")) return AfterId{std::string(text)};
    throw InvalidValue(quote(text) +
                       " is no place in a topic: write earliest, latest, a time (2026-01-31T12:00:00Z) or a "
                       "position (42, or 3:42 with its partition)");
}

}  // namespace eventbus
