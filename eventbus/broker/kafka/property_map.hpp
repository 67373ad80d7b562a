#pragma once

#include <map>
#include <string>
#include <string_view>

namespace eventbus::kafka_topics {

/// Reads librdkafka's properties as a setting has them: a JSON object whose values are texts, numbers, true
/// or false: `{"linger.ms": 5, "compression.type": "zstd"}`. Empty is none. Throws SettingsError that names
/// the setting, and no value.
[[nodiscard]] std::map<std::string, std::string> read_properties(std::string_view setting,
                                                                 const std::string& text);

}  // namespace eventbus::kafka_topics
