#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace eventbus {

/// The kinds of value that a setting can have, as text for people: `text`, `yes/no`, `whole number`, `seconds`, `path`,
/// `JSON object`, ...
enum class SettingKind { text, boolean, integer, seconds, path, url, backend, start, producer_config };

/// One setting, declared once: everything that the reader, the documentation and the error messages need.
/// `T` is what `Settings::get` gives: `std::string`, `bool`, `std::int64_t`, `std::chrono::milliseconds`,
/// `std::optional<...>` of these where no value is a value, `ProducerConfig`.
template <class T>
struct Setting {
    /// `EVENT_BUS_EMBEDDED_PATH`: the name of the environment variable, of the YAML key, and of the Open edX setting.
    std::string_view name;
    SettingKind kind;
    /// As a user would write it; empty for none.
    std::string_view fallback;
    /// Hidden wherever settings are printed or an error shows a value.
    bool secret = false;
    /// What it does, for the reference.
    std::string_view text;
    /// For whole numbers and seconds: what is allowed, in the setting's own unit.
    std::int64_t least = 0;
    std::int64_t most = INT64_MAX;
};

/// Where events go: `EVENT_BUS_PRODUCER_CONFIG`, in the shape that Open edX uses:
/// `{event_type: {topic: {"event_key_field": "user.id", "enabled": true}}}`.
struct TopicProducerConfig {
    std::string event_key_field;
    bool enabled = false;
    friend bool operator==(const TopicProducerConfig&, const TopicProducerConfig&) = default;
};
using ProducerConfig = std::map<std::string, std::map<std::string, TopicProducerConfig>>;

/// All of `base`, with the event types and topics of `over` added; where both have one, `over` wins.
[[nodiscard]] ProducerConfig merge(const ProducerConfig& base, const ProducerConfig& over);

}  // namespace eventbus
