#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace eventbus {

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
    friend bool operator==(const TopicProducerChange&, const TopicProducerChange&) = default;
};
using ProducerConfigChanges = std::map<std::string, std::map<std::string, TopicProducerChange>>;

/// Reads a configuration from JSON text of at most 1 MiB, as strictly as the Python package: both members of
/// each topic are needed, with exact types. Unknown and repeated members and topics that cannot be are
/// refused too. Whether there are such events and key fields is not known here. Throws SettingsError that
/// names the place in it.
[[nodiscard]] ProducerConfig parse_producer_config(std::string_view json);

/// Reads changes: members may be missing or null. Throws SettingsError.
[[nodiscard]] ProducerConfigChanges parse_producer_config_changes(std::string_view json);

/// `base` with `changes` on top: new event types and topics are added, members that are given win, as
/// `merge_producer_configs` of openedx-events does. A topic that is new and incomplete is a SettingsError.
[[nodiscard]] ProducerConfig merge(const ProducerConfig& base, const ProducerConfigChanges& changes);

}  // namespace eventbus
