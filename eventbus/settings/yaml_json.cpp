#include "eventbus/settings/yaml_json.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "eventbus/event/error.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

using nlohmann::json;

constexpr int deepest = 16;

bool is_among(const std::string& text, const std::array<std::string_view, 9>& words) {
    return std::find(words.begin(), words.end(), text) != words.end();
}

json convert_scalar(const YAML::Node& node) {
    constexpr std::array<std::string_view, 9> yes{"true", "True", "TRUE", "yes", "Yes",
                                                  "YES",  "on",   "On",   "ON"};
    constexpr std::array<std::string_view, 9> no{"false", "False", "FALSE", "no", "No",
                                                 "NO",    "off",   "Off",   "OFF"};
    const std::string& text = node.Scalar();
    // Only a plain scalar carries the tag `?`; a quoted one is text whatever it looks like.
    if (node.Tag() != "?") return text;
    if (is_among(text, yes)) return true;
    if (is_among(text, no)) return false;
    std::int64_t integer = 0;
    if (YAML::convert<std::int64_t>::decode(node, integer)) return integer;
    double number = 0;
    if (YAML::convert<double>::decode(node, number)) return number;
    return text;
}

}  // namespace

std::string place_in_file(std::string_view name, const YAML::Mark& mark) {
    std::string where(name);
    if (mark.is_null()) return where;
    return where + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
}

json YamlToJson::convert(const YAML::Node& node, int depth) {
    if (depth > deepest) throw SettingsError(place_in_file(name_, node.Mark()) + ": nested too deeply");
    charge(node);
    switch (node.Type()) {
        case YAML::NodeType::Map:
            return convert_mapping(node, depth);
        case YAML::NodeType::Sequence: {
            json array = json::array();
            for (const auto& item : node) array.push_back(convert(item, depth + 1));
            return array;
        }
        case YAML::NodeType::Scalar:
            return convert_scalar(node);
        case YAML::NodeType::Null:
        case YAML::NodeType::Undefined:
            return nullptr;
    }
    return nullptr;
}

json YamlToJson::convert_mapping(const YAML::Node& node, int depth) {
    json object = json::object();
    for (const auto& member : node) {
        const std::string where = place_in_file(name_, member.first.Mark());
        if (!member.first.IsScalar()) throw SettingsError(where + ": a name must be text");
        charge(member.first);
        const std::string& key = member.first.Scalar();
        if (object.contains(key)) throw SettingsError(where + ": " + quote(key) + " stands here twice");
        object[key] = convert(member.second, depth + 1);
    }
    return object;
}

void YamlToJson::charge(const YAML::Node& node) {
    const std::size_t cost = 1 + (node.IsScalar() ? node.Scalar().size() : 0);
    if (cost > left_)
        throw SettingsError(place_in_file(name_, node.Mark()) +
                            ": more than 1 MiB when all aliases are written out");
    left_ -= cost;
}

}  // namespace eventbus
