#include "eventbus/settings/producer_config.hpp"

#include <cstddef>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "eventbus/event/error.hpp"
#include "eventbus/event/names.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

using nlohmann::json;

constexpr std::size_t most_bytes = 1 << 20;
constexpr int deepest = 8;

[[noreturn]] void refuse(const std::string& where, const std::string& what) {
    throw SettingsError(where + ": " + what);
}

std::string place(std::string_view event_type) { return "in " + quote(event_type); }

std::string place(std::string_view event_type, std::string_view topic) {
    return place(event_type) + ", " + quote(topic);
}

// Refuses, while JSON is read, what the JSON library would take without a word.
class StrictReading {
  public:
    bool operator()(int depth, json::parse_event_t event, const json& value) {
        if (depth > deepest) throw SettingsError("is nested too deeply");
        switch (event) {
            case json::parse_event_t::object_start:
                names_.emplace_back();
                break;
            case json::parse_event_t::object_end:
                names_.pop_back();
                break;
            case json::parse_event_t::key:
                if (!names_.back().insert(value.get<std::string>()).second)
                    throw SettingsError("names " + quote(value.get<std::string>()) + " twice in one object");
                break;
            default:
                break;
        }
        return true;
    }

  private:
    std::vector<std::set<std::string>> names_;
};

json parse_object(std::string_view text) {
    if (text.size() > most_bytes) throw SettingsError("must be at most 1 MiB of JSON");
    try {
        json parsed = json::parse(text, StrictReading());
        if (!parsed.is_object())
            throw SettingsError(std::string("must be a JSON object from event types to topics, not ") +
                                parsed.type_name());
        return parsed;
    } catch (const json::parse_error& error) {
        throw SettingsError("must be a JSON object, and is no JSON at byte " + std::to_string(error.byte));
    }
}

void read_member(const std::string& where, const std::string& name, const json& value,
                 TopicProducerChange& change) {
    if (name != "event_key_field" && name != "enabled")
        refuse(where, "unknown member " + quote(name) + "; there are event_key_field and enabled");
    if (value.is_null()) return;
    if (name == "event_key_field") {
        if (!value.is_string())
            refuse(where, std::string("event_key_field must be text, not ") + value.type_name());
        change.event_key_field = value.get<std::string>();
    } else {
        if (!value.is_boolean())
            refuse(where, std::string("enabled must be true or false, not ") + value.type_name());
        change.enabled = value.get<bool>();
    }
}

TopicProducerChange read_topic(const std::string& where, const std::string& topic, const json& members) {
    try {
        static_cast<void>(TopicName(topic));
    } catch (const InvalidValue& error) {
        refuse(where, error.what());
    }
    if (!members.is_object())
        refuse(where,
               std::string("must be an object with event_key_field and enabled, not ") + members.type_name());
    TopicProducerChange change;
    for (const auto& [name, value] : members.items()) read_member(where, name, value, change);
    return change;
}

TopicProducerConfig complete(const std::string& where, const TopicProducerChange& change) {
    if (!change.event_key_field) refuse(where, "event_key_field is missing");
    if (!change.enabled) refuse(where, "enabled is missing");
    return {*change.event_key_field, *change.enabled};
}

}  // namespace

ProducerConfigChanges parse_producer_config_changes(std::string_view text) {
    ProducerConfigChanges changes;
    const json parsed = parse_object(text);
    for (const auto& [event_type, topics] : parsed.items()) {
        if (!topics.is_object())
            refuse(place(event_type),
                   std::string("must be an object from topics to members, not ") + topics.type_name());
        auto& by_topic = changes[event_type];
        for (const auto& [topic, members] : topics.items())
            by_topic.emplace(topic, read_topic(place(event_type, topic), topic, members));
    }
    return changes;
}

ProducerConfig parse_producer_config(std::string_view text) {
    return merge({}, parse_producer_config_changes(text));
}

ProducerConfig merge(const ProducerConfig& base, const ProducerConfigChanges& changes) {
    ProducerConfig merged = base;
    for (const auto& [event_type, topics] : changes) {
        auto& by_topic = merged[event_type];
        for (const auto& [topic, change] : topics) {
            const auto known = by_topic.find(topic);
            if (known == by_topic.end()) {
                by_topic.emplace(topic, complete(place(event_type, topic), change));
                continue;
            }
            if (change.event_key_field) known->second.event_key_field = *change.event_key_field;
            if (change.enabled) known->second.enabled = *change.enabled;
        }
    }
    return merged;
}

}  // namespace eventbus
