#include "eventbus/settings/value.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

#include "eventbus/event/error.hpp"
#include "eventbus/event/quote.hpp"
#include "eventbus/event/timestamp.hpp"

namespace eventbus {

namespace {

constexpr std::string_view stars = "********";

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
    return out;
}

std::string join(std::span<const std::string_view> names) {
    std::string out;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) out += i + 1 == names.size() ? " or " : ", ";
        out += names[i];
    }
    return out;
}

std::string range(const Declaration& declaration) {
    if (declaration.most == INT64_MAX) return "of at least " + std::to_string(declaration.least);
    return "from " + std::to_string(declaration.least) + " to " + std::to_string(declaration.most);
}

bool is_start(std::string_view value) {
    if (value == "earliest" || value == "latest") return true;
    try {
        static_cast<void>(parse_iso8601(value));
        return true;
    } catch (const InvalidValue&) {
        return false;
    }
}

bool is_backend_name(std::string_view value) {
    const std::string_view name = backend_name(value);
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
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

std::optional<std::int64_t> read_integer(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<std::chrono::milliseconds> read_seconds(std::string_view text) {
    double value = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    constexpr double most = 1e12;
    if (error != std::errc{} || end != text.data() + text.size() || !(value >= 0 && value <= most))
        return std::nullopt;
    return std::chrono::milliseconds(static_cast<std::int64_t>(value * 1000));
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
        case SettingKind::url:
            if (value.find('\0') != std::string_view::npos) return "must not hold a zero byte";
            return std::nullopt;
        case SettingKind::boolean:
            if (!read_boolean(value)) return "must be true or false";
            return std::nullopt;
        case SettingKind::integer: {
            const auto number = read_integer(value);
            if (!number || *number < declaration.least || *number > declaration.most)
                return "must be a whole number " + range(declaration);
            return std::nullopt;
        }
        case SettingKind::seconds: {
            const auto time = read_seconds(value);
            const auto least = std::chrono::seconds(declaration.least);
            const bool too_long =
                declaration.most != INT64_MAX && time && *time > std::chrono::seconds(declaration.most);
            if (!time || *time < least || too_long)
                return "must be a number of seconds " + range(declaration);
            return std::nullopt;
        }
        case SettingKind::choice:
            if (std::find(declaration.choices.begin(), declaration.choices.end(), value) ==
                declaration.choices.end())
                return "must be " + join(declaration.choices);
            return std::nullopt;
        case SettingKind::backend:
            if (!is_backend_name(value))
                return "must be a backend (embedded, memory, redis, kafka) or a Python name that stands for "
                       "one "
                       "(edx_event_bus_redis.create_producer)";
            return std::nullopt;
        case SettingKind::start:
            if (!is_start(value)) return "must be earliest, latest or an ISO 8601 time";
            return std::nullopt;
        case SettingKind::producer_config:
            try {
                static_cast<void>(parse_producer_config(value));
                return std::nullopt;
            } catch (const SettingsError& error) {
                return std::string(error.what());
            }
    }
    return std::nullopt;
}

std::string shown(const Declaration& declaration, std::string_view value) {
    if (declaration.secrecy == Secrecy::open) return std::string(value);
    if (declaration.secrecy == Secrecy::secret) return std::string(stars);
    const std::size_t scheme = value.find("://");
    const std::size_t from = scheme == std::string_view::npos ? 0 : scheme + 3;
    // The last @ before the path ends the user part: a password may hold one.
    const std::size_t at = value.substr(0, value.find_first_of("/?#", from)).rfind('@');
    if (at == std::string_view::npos || at < from) return std::string(value);
    const std::size_t colon = value.find(':', from);
    if (colon == std::string_view::npos || colon > at) return std::string(value);
    return std::string(value.substr(0, colon + 1)).append(stars).append(value.substr(at));
}

}  // namespace eventbus
