#include "eventbus/settings/value.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <utility>

#include "eventbus/event/error.hpp"
#include "eventbus/event/names.hpp"
#include "eventbus/event/number.hpp"
#include "eventbus/event/timestamp.hpp"
#include "eventbus/event/word_characters.hpp"

namespace eventbus {

namespace {

constexpr std::string_view stars = "********";

using Complaint = std::optional<std::string>;

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
    return out;
}

std::string join(std::span<const std::string_view> names, std::string_view suffix = {}) {
    std::string out;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) out += i + 1 == names.size() ? " or " : ", ";
        out.append(names[i]).append(suffix);
    }
    return out;
}

std::string range(const Declaration& declaration) {
    if (declaration.most == INT64_MAX) return "of at least " + std::to_string(declaration.least);
    return "from " + std::to_string(declaration.least) + " to " + std::to_string(declaration.most);
}

bool is_one_line_of_text(std::string_view value) {
    for (std::size_t at = 0; at < value.size();) {
        const char32_t c = next_character(value, at);
        if (c == invalid_character || c < 0x20 || c == 0x7F) return false;
    }
    return true;
}

Complaint text_complaint(std::string_view value) {
    if (is_one_line_of_text(value)) return std::nullopt;
    return "must be UTF-8 text without line ends and other control characters";
}

Complaint url_complaint(const Declaration& declaration, std::string_view value) {
    const std::string scheme = lower(value.substr(0, value.find("://")));
    const bool known = scheme.size() < value.size() &&
                       std::find(declaration.choices.begin(), declaration.choices.end(), scheme) !=
                           declaration.choices.end();
    if (!known) return "must be a URL that starts with " + join(declaration.choices, "://");
    return text_complaint(value);
}

Complaint prefix_complaint(std::string_view value) {
    try {
        static_cast<void>(prefixed_topic(value, "t"));
        return std::nullopt;
    } catch (const InvalidValue&) {
        return "must be letters, digits, '.', '_' and '-', as a topic's name is";
    }
}

Complaint integer_complaint(const Declaration& declaration, std::string_view value) {
    const auto number = read_integer(value);
    if (number && *number >= declaration.least && *number <= declaration.most) return std::nullopt;
    return "must be a whole number " + range(declaration);
}

Complaint seconds_complaint(const Declaration& declaration, std::string_view value) {
    const auto time = read_seconds(value);
    const bool too_long =
        declaration.most != INT64_MAX && time && *time > std::chrono::seconds(declaration.most);
    if (time && *time >= std::chrono::seconds(declaration.least) && !too_long) return std::nullopt;
    return "must be a number of seconds " + range(declaration);
}

Complaint choice_complaint(const Declaration& declaration, std::string_view value) {
    if (std::find(declaration.choices.begin(), declaration.choices.end(), value) != declaration.choices.end())
        return std::nullopt;
    return "must be " + join(declaration.choices);
}

// Which backends there are is known to the program; here a name only has to look like one.
Complaint backend_complaint(std::string_view value) {
    const std::string_view name = backend_name(value);
    const bool looks_like_one = std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
    if (looks_like_one && !name.empty()) return std::nullopt;
    return "must be a backend (embedded, memory, redis, kafka) or a Python name that stands for one "
           "(edx_event_bus_redis.create_producer, edx_event_bus_redis.RedisEventConsumer, "
           "edx_event_bus_kafka.create_producer, edx_event_bus_kafka.KafkaEventConsumer)";
}

Complaint start_complaint(std::string_view value) {
    if (value == "earliest" || value == "latest") return std::nullopt;
    try {
        static_cast<void>(parse_iso8601(value));
        return std::nullopt;
    } catch (const InvalidValue&) {
        return "must be earliest, latest or an ISO 8601 time (2026-01-31T12:00:00Z)";
    }
}

Complaint producer_config_complaint(std::string_view value) {
    try {
        static_cast<void>(parse_producer_config(value));
        return std::nullopt;
    } catch (const SettingsError& error) {
        return std::string(error.what());
    }
}

// Rather too much than too little: up to the last @, since a password may hold one, or a slash.
std::string without_login_password(std::string_view url) {
    const std::size_t scheme = url.find("://");
    const std::size_t from = scheme == std::string_view::npos ? 0 : scheme + 3;
    const std::size_t at = url.rfind('@');
    const std::size_t colon = url.find(':', from);
    if (at == std::string_view::npos || colon == std::string_view::npos || colon > at)
        return std::string(url);
    return std::string(url.substr(0, colon + 1)).append(stars).append(url.substr(at));
}

constexpr std::string_view password_parameter = "password=";

// Redis clients also take passwords as parameters of the query.
std::string without_query_password(std::string url) {
    std::size_t found = lower(url).find(password_parameter);
    while (found != std::string::npos) {
        const std::size_t from = found + password_parameter.size();
        const std::size_t end = std::min(url.find('&', from), url.size());
        url.replace(from, end - from, stars);
        found = lower(url).find(password_parameter, from + stars.size());
    }
    return url;
}

// An @ behind such a parameter may belong to its password, or end a login that only looks like a parameter.
std::string without_passwords(std::string_view url) {
    const std::size_t at = url.rfind('@');
    if (at == std::string_view::npos || lower(url).find(password_parameter) > at)
        return without_query_password(without_login_password(url));
    const std::size_t scheme = url.find("://");
    const std::size_t from = scheme == std::string_view::npos ? 0 : scheme + 3;
    return std::string(url.substr(0, from)).append(stars);
}

}  // namespace

std::optional<bool> read_boolean(std::string_view text) {
    const std::string value = lower(text);
    for (const std::string_view yes : {"true", "1", "yes", "on"})
        if (value == yes) return true;
    for (const std::string_view no : {"false", "0", "no", "off"})
        if (value == no) return false;
    return std::nullopt;
}

std::optional<std::int64_t> read_integer(std::string_view text) { return read_number<std::int64_t>(text); }

std::optional<std::chrono::milliseconds> read_seconds(std::string_view text) {
    double value = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    constexpr double most = 1e12;
    if (error != std::errc{} || end != text.data() + text.size() || !(value >= 0 && value <= most))
        return std::nullopt;
    return std::chrono::milliseconds(std::llround(value * 1000));
}

std::string_view backend_name(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 6> python_names{{
        {"edx_event_bus_redis.create_producer", "redis"},
        {"edx_event_bus_redis.RedisEventConsumer", "redis"},
        {"edx_event_bus_kafka.create_producer", "kafka"},
        {"edx_event_bus_kafka.get_producer", "kafka"},
        {"edx_event_bus_kafka.KafkaEventProducer", "kafka"},
        {"edx_event_bus_kafka.KafkaEventConsumer", "kafka"},
    }};
    for (const auto& [python, name] : python_names)
        if (text == python) return name;
    return text;
}

std::optional<std::string> complaint(const Declaration& declaration, std::string_view value) {
    switch (declaration.kind) {
        case SettingKind::text:
        case SettingKind::path:
            return text_complaint(value);
        case SettingKind::url:
            return url_complaint(declaration, value);
        case SettingKind::topic_prefix:
            return prefix_complaint(value);
        case SettingKind::boolean:
            if (read_boolean(value)) return std::nullopt;
            return "must be true or false";
        case SettingKind::integer:
            return integer_complaint(declaration, value);
        case SettingKind::seconds:
            return seconds_complaint(declaration, value);
        case SettingKind::choice:
            return choice_complaint(declaration, value);
        case SettingKind::backend:
            return backend_complaint(value);
        case SettingKind::start:
            return start_complaint(value);
        case SettingKind::producer_config:
            return producer_config_complaint(value);
    }
    return std::nullopt;
}

std::string shown(const Declaration& declaration, std::string_view value) {
    switch (declaration.secrecy) {
        case Secrecy::open:
            return std::string(value);
        case Secrecy::secret:
            return std::string(stars);
        case Secrecy::url_password:
            return without_passwords(value);
    }
    return std::string(stars);
}

}  // namespace eventbus
