#include "eventbus/settings/settings_file.hpp"

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "eventbus/event/error.hpp"
#include "eventbus/event/quote.hpp"
#include "eventbus/event/word_characters.hpp"
#include "eventbus/settings/yaml_json.hpp"

namespace eventbus {

namespace {

constexpr std::size_t most_bytes = 1 << 20;

// Makes nothing of a document.
class NoEvents final : public YAML::EventHandler {
  public:
    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
    void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
    void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
    void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                         YAML::EmitterStyle::value) override {}
    void OnSequenceEnd() override {}
    void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                    YAML::EmitterStyle::value) override {}
    void OnMapEnd() override {}
};

// yaml-cpp would take UTF-16 and UTF-32 too, guess among them, and put marks in place of wrong bytes.
void check_encoding(std::string_view name, std::string_view yaml) {
    if (const auto line = first_line_not_text(yaml))
        throw SettingsError(std::string(name) + ":" + std::to_string(*line) + ": must be UTF-8 text");
}

// YAML::Load reads the first document and is silent about what follows it; YAML::LoadAll does not end for
// some wrong texts.
void check_single_document(std::string_view name, const std::string& yaml) {
    std::istringstream in(yaml);
    YAML::Parser parser(in);
    NoEvents events;
    if (parser.HandleNextDocument(events) && parser.HandleNextDocument(events))
        throw SettingsError(std::string(name) + ": must hold one YAML document and nothing after it");
}

YAML::Node load(std::string_view name, std::string_view yaml) {
    if (yaml.size() > most_bytes) throw SettingsError(std::string(name) + ": larger than 1 MiB");
    check_encoding(name, yaml);
    const std::string text(yaml);
    YAML::Node root = YAML::Load(text);
    check_single_document(name, text);
    return root;
}

std::map<std::string, FileValue> read_values(std::string_view name, const YAML::Node& root) {
    if (root.IsNull()) return {};
    if (!root.IsMap())
        throw SettingsError(place_in_file(name, root.Mark()) +
                            ": must be a mapping from setting names to values");
    std::map<std::string, FileValue> values;
    YamlToJson to_json(name);
    for (const auto& entry : root) {
        const std::string where = place_in_file(name, entry.first.Mark());
        if (!entry.first.IsScalar()) throw SettingsError(where + ": a setting's name must be text");
        const std::string& key = entry.first.Scalar();
        const YAML::Node& node = entry.second;
        FileValue value{{}, where, node.IsMap() || node.IsSequence()};
        if (value.is_collection) {
            value.text = to_json.convert(node).dump();
        } else if (node.IsScalar()) {
            value.text = node.Scalar();
        }
        if (!values.emplace(key, std::move(value)).second)
            throw SettingsError(where + ": " + quote(key) + " is set twice");
    }
    std::erase_if(values, [](const auto& named) { return named.second.text.empty(); });
    return values;
}

}  // namespace

std::map<std::string, FileValue> parse_settings_file(std::string_view name, std::string_view yaml) {
    try {
        return read_values(name, load(name, yaml));
    } catch (const YAML::DeepRecursion& error) {
        throw SettingsError(place_in_file(name, error.mark) + ": nested too deeply");
    } catch (const YAML::Exception& error) {
        throw SettingsError(place_in_file(name, error.mark) + ": no valid YAML: " + error.msg);
    }
}

std::string read_settings_file(const std::string& path) {
    const std::string subject = "EVENT_BUS_CONFIG names " + quote(path) + ", ";
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (!std::filesystem::exists(status))
        throw SettingsError(subject + "which is not there or cannot be reached");
    if (!std::filesystem::is_regular_file(status)) throw SettingsError(subject + "which is no regular file");
    std::ifstream in(path, std::ios::binary);
    if (!in) throw SettingsError(subject + "which cannot be read: " + std::generic_category().message(errno));
    std::string text(most_bytes + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (in.bad()) throw SettingsError(subject + "which cannot be read to its end");
    text.resize(static_cast<std::size_t>(in.gcount()));
    return text;
}

}  // namespace eventbus
