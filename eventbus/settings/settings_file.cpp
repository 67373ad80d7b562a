#include "eventbus/settings/settings_file.hpp"

#include <yaml-cpp/yaml.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "eventbus/event/error.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

constexpr std::size_t most_bytes = 1 << 20;
constexpr int deepest = 16;

std::string place(std::string_view name, const YAML::Mark& mark) {
    std::string where(name);
    if (mark.is_null()) return where;
    return where + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
}

nlohmann::json scalar_to_json(const YAML::Node& node) {
    const std::string& text = node.Scalar();
    // A quoted scalar carries the tag `!` and is text whatever it looks like.
    if (node.Tag() == "!") return text;
    if (text == "true" || text == "True" || text == "TRUE") return true;
    if (text == "false" || text == "False" || text == "FALSE") return false;
    std::int64_t number = 0;
    if (YAML::convert<std::int64_t>::decode(node, number)) return number;
    return text;
}

nlohmann::json to_json(std::string_view name, const YAML::Node& node, int depth) {
    if (depth > deepest) throw SettingsError(place(name, node.Mark()) + ": nested too deeply");
    switch (node.Type()) {
        case YAML::NodeType::Map: {
            nlohmann::json object = nlohmann::json::object();
            for (const auto& member : node) {
                const std::string key = member.first.Scalar();
                if (object.contains(key))
                    throw SettingsError(place(name, member.first.Mark()) + ": " + quote(key) +
                                        " stands here twice");
                object[key] = to_json(name, member.second, depth + 1);
            }
            return object;
        }
        case YAML::NodeType::Sequence: {
            nlohmann::json array = nlohmann::json::array();
            for (const auto& item : node) array.push_back(to_json(name, item, depth + 1));
            return array;
        }
        case YAML::NodeType::Scalar:
            return scalar_to_json(node);
        case YAML::NodeType::Null:
        case YAML::NodeType::Undefined:
            return nullptr;
    }
    return nullptr;
}

// yaml-cpp reads flow collections recursively, so their nesting is bounded before it sees them.
void bound_nesting(std::string_view name, std::string_view yaml) {
    constexpr int deepest_flow = 64;
    constexpr std::size_t widest_indent = 256;
    int flow = 0;
    std::size_t indent = 0;
    bool at_line_start = true;
    for (const char c : yaml) {
        if (c == '[' || c == '{') ++flow;
        if ((c == ']' || c == '}') && flow > 0) --flow;
        if (c == '\n') {
            at_line_start = true;
            indent = 0;
        } else if (at_line_start && (c == ' ' || c == '-' || c == '?' || c == '\t')) {
            ++indent;
        } else {
            at_line_start = false;
        }
        if (flow > deepest_flow || indent > widest_indent)
            throw SettingsError(std::string(name) + ": nested too deeply");
    }
}

YAML::Node load(std::string_view name, std::string_view yaml) {
    if (yaml.size() > most_bytes) throw SettingsError(std::string(name) + ": larger than 1 MiB");
    bound_nesting(name, yaml);
    try {
        return YAML::Load(std::string(yaml));
    } catch (const YAML::Exception& error) {
        throw SettingsError(place(name, error.mark) + ": not valid YAML: " + error.msg);
    }
}

}  // namespace

std::map<std::string, FileValue> parse_settings_file(std::string_view name, std::string_view yaml) {
    const YAML::Node root = load(name, yaml);
    if (root.IsNull()) return {};
    if (!root.IsMap())
        throw SettingsError(place(name, root.Mark()) + ": must be a mapping from setting names to values");
    std::map<std::string, FileValue> values;
    try {
        for (const auto& entry : root) {
            if (!entry.first.IsScalar())
                throw SettingsError(place(name, entry.first.Mark()) + ": a setting's name must be text");
            const std::string& key = entry.first.Scalar();
            const std::string where = place(name, entry.first.Mark());
            if (values.contains(key)) throw SettingsError(where + ": " + quote(key) + " is set twice");
            if (entry.second.IsNull()) continue;
            const std::string text =
                entry.second.IsScalar() ? entry.second.Scalar() : to_json(name, entry.second, 0).dump();
            values.emplace(key, FileValue{text, where});
        }
    } catch (const YAML::Exception& error) {
        throw SettingsError(place(name, error.mark) + ": not valid YAML: " + error.msg);
    } catch (const nlohmann::json::exception&) {
        throw SettingsError(std::string(name) + ": holds text that is not UTF-8");
    }
    return values;
}

std::string read_settings_file(const std::string& path) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error))
        throw SettingsError("EVENT_BUS_CONFIG names " + quote(path) + ", which is no file that can be read");
    if (std::filesystem::file_size(path, error) > most_bytes)
        throw SettingsError(path + ": larger than 1 MiB");
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in || !text) throw SettingsError("cannot read " + path + ": " + std::strerror(errno));
    return std::move(text).str();
}

}  // namespace eventbus
