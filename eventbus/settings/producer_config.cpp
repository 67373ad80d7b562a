#include <nlohmann/json.hpp>

#include "eventbus/event/error.hpp"
#include "eventbus/event/quote.hpp"
#include "eventbus/settings/setting.hpp"

namespace eventbus {

namespace {

using nlohmann::json;

constexpr std::size_t most_bytes = 1 << 20;
constexpr int deepest = 8;

[[noreturn]] void refuse(const std::string& where, const std::string& what) {
    throw SettingsError(where + ": " + what);
}

const char* kind_of(const json& value) { return value.type_name(); }

json parse_object(std::string_view text) {
    if (text.size() > most_bytes) throw SettingsError("must be at most 1 MiB of JSON");
    const auto too_deep = [](int depth, json::parse_event_t, json&) -> bool {
        if (depth > deepest) throw SettingsError("is nested too deeply");
        return true;
    };
    try {
        json parsed = json::parse(text, too_deep);
        if (!parsed.is_object())
            throw SettingsError(std::string("must be a JSON object from event types to topics, not ") +
                                kind_of(parsed));
        return parsed;
    } catch (const json::exception&) {
        throw SettingsError("must be a JSON object, and is not JSON: " + quote(text));
    }
}

void read_member(const std::string& where, const std::string& name, const json& value,
                 TopicProducerChange& change) {
    if (name == "event_key_field") {
        if (!value.is_string())
            refuse(where, std::string("event_key_field must be text, not ") + kind_of(value));
        change.event_key_field = value.get<std::string>();
    } else if (name == "enabled") {
        if (!value.is_boolean())
            refuse(where, std::string("enabled must be true or false, not ") + kind_of(value));
        change.enabled = value.get<bool>();
    } else {
        refuse(where, "unknown member " + quote(name) + "; there are event_key_field and enabled");
    }
}

TopicProducerConfig complete(const std::string& where, const TopicProducerChange& change) {
    if (!change.event_key_field) refuse(where, "event_key_field is missing");
    if (!change.enabled) refuse(where, "enabled is missing");
    return {*change.event_key_field, *change.enabled};
}

std::string place(const std::string& event_type, const std::string& topic) {
    return "in " + event_type + ", " + topic;
}

}  // namespace

ProducerConfigChanges parse_producer_config_changes(std::string_view text) {
    ProducerConfigChanges changes;
    const json parsed = parse_object(text);
    for (const auto& [event_type, topics] : parsed.items()) {
        if (!topics.is_object())
            refuse("in " + event_type,
                   std::string("must be an object from topics to members, not ") + kind_of(topics));
        for (const auto& [topic, members] : topics.items()) {
            const std::string where = place(event_type, topic);
            if (!members.is_object())
                refuse(where, std::string("must be an object with event_key_field and enabled, not ") +
                                  kind_of(members));
            TopicProducerChange& change = changes[event_type][topic];
            for (const auto& [name, value] : members.items()) read_member(where, name, value, change);
        }
    }
    return changes;
}

ProducerConfig parse_producer_config(std::string_view text) {
    return merge({}, parse_producer_config_changes(text));
}

ProducerConfig merge(const ProducerConfig& base, const ProducerConfigChanges& changes) {
    ProducerConfig merged = base;
    for (const auto& [event_type, topics] : changes) {
        for (const auto& [topic, change] : topics) {
            auto& configs = merged[event_type];
            const auto known = configs.find(topic);
            if (known == configs.end()) {
                configs.emplace(topic, complete(place(event_type, topic), change));
                continue;
            }
            if (change.event_key_field) known->second.event_key_field = *change.event_key_field;
            if (change.enabled) known->second.enabled = *change.enabled;
        }
    }
    return merged;
}

}  // namespace eventbus
