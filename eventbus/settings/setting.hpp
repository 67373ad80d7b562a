#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "eventbus/settings/producer_config.hpp"

namespace eventbus {

/// The kinds of value that a setting can have.
enum class SettingKind {
    /// Without control characters.
    text,
    path,
    /// With one of the schemes in `choices`.
    url,
    /// What may stand before a topic's name.
    topic_prefix,
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
    std::string_view text = {};
    /// For whole numbers and seconds: what is allowed, in the setting's own unit.
    std::int64_t least = 0;
    std::int64_t most = INT64_MAX;
    /// The values of a choice; the schemes of a URL.
    std::span<const std::string_view> choices = {};
};

/// Whether values of this kind are read as a `T`.
template <class T>
[[nodiscard]] constexpr bool is_read_as(SettingKind kind) {
    switch (kind) {
        case SettingKind::boolean:
            return std::is_same_v<T, bool>;
        case SettingKind::integer:
            return std::is_same_v<T, std::int64_t>;
        case SettingKind::seconds:
            return std::is_same_v<T, std::chrono::milliseconds>;
        case SettingKind::producer_config:
            return std::is_same_v<T, ProducerConfig>;
        default:
            return std::is_same_v<T, std::string>;
    }
}

/// A declaration with the type that `Settings::get` gives for it. One whose kind is read as another type does
/// not compile.
template <class T>
struct Setting : Declaration {
    consteval Setting(Declaration declaration) : Declaration(declaration) {
        if (!is_read_as<T>(kind)) throw "the kind of this setting is read as another type";
    }
};

}  // namespace eventbus
