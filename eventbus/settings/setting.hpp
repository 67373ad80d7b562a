#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace eventbus {

/// The kinds of value that a setting can have.
enum class SettingKind {
    text,
    path,
    url,
    boolean,
    integer,
    /// A number of seconds, with a fraction.
    seconds,
    /// One of `choices`.
    choice,
    /// A backend's short name, or a Python dotted name that stands for it.
    backend,
    /// `earliest`, `latest` or an ISO 8601 time.
    start,
    /// `{event_type: {topic: {"event_key_field": "user.id", "enabled": true}}}`
    producer_config,
};

/// Whether a value is hidden where settings are shown and in errors.
enum class Secrecy {
    open,
    /// The whole value.
    secret,
    /// The password in a URL.
    url_password,
};

/// One setting, declared once: all that the reader, the reference and the error messages need.
struct Declaration {
    /// `EVENT_BUS_EMBEDDED_PATH`: the name of the environment variable and of the key in the YAML file, and
    /// the name that Open edX's Python settings use where they have it.
    std::string_view name;
    /// Heading in the reference.
    std::string_view section;
    SettingKind kind = SettingKind::text;
    /// As a user would write it; empty for none.
    std::string_view fallback = {};
    Secrecy secrecy = Secrecy::open;
    /// What it does, for the reference.
    std::string_view text;
    /// For whole numbers and seconds: what is allowed, in the setting's own unit.
    std::int64_t least = 0;
    std::int64_t most = INT64_MAX;
    std::span<const std::string_view> choices = {};
};

/// A declaration with the type that `Settings::get` gives for it.
template <class T>
struct Setting : Declaration {};

/// Where an event type goes: its key's path in the data, and whether it is sent at all.
struct TopicProducerConfig {
    std::string event_key_field;
    bool enabled = false;
    friend bool operator==(const TopicProducerConfig&, const TopicProducerConfig&) = default;
};

/// The value of EVENT_BUS_PRODUCER_CONFIG: event type → topic without prefix → what to do.
using ProducerConfig = std::map<std::string, std::map<std::string, TopicProducerConfig>>;

/// The same where each member may be left out: an operator's changes to a service's defaults.
struct TopicProducerChange {
    std::optional<std::string> event_key_field;
    std::optional<bool> enabled;
};
using ProducerConfigChanges = std::map<std::string, std::map<std::string, TopicProducerChange>>;

/// Reads a configuration from JSON text, as strictly as the Python package: both members of each topic are
/// needed, with exact types. Throws SettingsError that names the place in it.
[[nodiscard]] ProducerConfig parse_producer_config(std::string_view json);

/// Reads changes: members may be missing. Throws SettingsError.
[[nodiscard]] ProducerConfigChanges parse_producer_config_changes(std::string_view json);

/// `base` with `changes` on top: new event types and topics are added, members that are given win, as
/// `merge_producer_configs` of openedx-events does. A topic that is new and incomplete is a SettingsError.
[[nodiscard]] ProducerConfig merge(const ProducerConfig& base, const ProducerConfigChanges& changes);

}  // namespace eventbus
