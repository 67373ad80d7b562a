#include "eventbus/broker/kafka/property_map.hpp"

#include <nlohmann/json.hpp>

#include "eventbus/event/error.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus::kafka_topics {

std::map<std::string, std::string> read_properties(std::string_view setting, const std::string& text) {
    std::map<std::string, std::string> properties;
    if (text.empty()) return properties;
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object())
        throw SettingsError(std::string(setting) +
                            R"( must be a JSON object of librdkafka's properties: {"linger.ms": 5})");
    for (const auto& [name, value] : json.items()) {
        if (value.is_string()) {
            properties.emplace(name, value.get<std::string>());
        } else if (value.is_boolean() || value.is_number()) {
            properties.emplace(name, value.dump());
        } else {
            throw SettingsError(std::string(setting) + ": the value of " + quote(name) +
                                " must be a text, a number, true or false");
        }
    }
    return properties;
}

}  // namespace eventbus::kafka_topics
