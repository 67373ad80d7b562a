#include "eventbus/settings/settings.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "eventbus/event/error.hpp"
#include "eventbus/event/quote.hpp"
#include "eventbus/settings/settings_file.hpp"
#include "eventbus/settings/value.hpp"

namespace eventbus {

namespace {

struct StoredValue {
    std::string text;
    SettingSource source = SettingSource::fallback;
    std::string where;
};

constexpr std::string_view prefix = "EVENT_BUS_";

struct UnknownName {
    std::string name;
    std::string where;
};

std::string hint(std::string_view name) {
    const std::string_view near = setting::nearest(name);
    return near.empty() ? std::string() : "; did you mean " + std::string(near) + "?";
}

void check(const Declaration& declaration, const StoredValue& value) {
    const auto wrong = complaint(declaration, value.text);
    if (!wrong) return;
    throw SettingsError(std::string(declaration.name) + " = " + quote(shown(declaration, value.text)) + " (" +
                        value.where + "): " + *wrong);
}

// A file that is no settings file at all may hold any number of names: nobody reads more than some.
void warn_about(const std::vector<UnknownName>& unknown, std::vector<std::string>& warnings) {
    constexpr std::size_t most = 20;
    const std::size_t told = std::min(unknown.size(), most);
    for (std::size_t i = 0; i < told; ++i)
        warnings.push_back("unknown setting " + quote(unknown[i].name) + " (" + unknown[i].where + ")" +
                           hint(unknown[i].name));
    if (told < unknown.size())
        warnings.push_back(std::to_string(unknown.size() - told) + " more unknown settings");
}

Settings::Values process_environment() {
    Settings::Values values;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos) continue;
        values.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return values;
}

std::string_view value_of(const Settings::Values& values, std::string_view name) {
    const auto at = values.find(name);
    return at == values.end() ? std::string_view{} : std::string_view(at->second);
}

// The XDG base directory specification has relative directories ignored.
std::string state_directory(const Settings::Values& environment) {
    if (const auto state = value_of(environment, "XDG_STATE_HOME"); state.starts_with('/'))
        return std::string(state) + "/eventbus/";
    if (const auto home = value_of(environment, "HOME"); !home.empty())
        return std::string(home) + "/.local/state/eventbus/";
    return {};
}

/// The defaults that depend on the environment; empty when nothing tells where they would be.
using DefaultPaths = std::map<std::string_view, std::string>;

DefaultPaths default_paths(const Settings::Values& environment) {
    const std::string directory = state_directory(environment);
    const auto path = [&](std::string_view file) {
        return directory.empty() ? std::string() : directory + std::string(file);
    };
    return {{setting::EMBEDDED_PATH.name, path("events.db")}, {setting::INBOX_PATH.name, path("inbox.db")}};
}

}  // namespace

struct Settings::Stored {
    std::map<std::string_view, StoredValue> values;
    DefaultPaths default_paths;

    void set(const Declaration& declaration, StoredValue value) {
        check(declaration, value);
        values[declaration.name] = std::move(value);
    }

    [[nodiscard]] std::string_view text(const Declaration& declaration) const {
        const auto at = values.find(declaration.name);
        if (at != values.end()) return at->second.text;
        const auto path = default_paths.find(declaration.name);
        return path != default_paths.end() ? path->second : declaration.fallback;
    }

    [[nodiscard]] std::vector<UnknownName> read_file(std::string_view name, std::string_view yaml) {
        std::vector<UnknownName> unknown;
        for (auto& [key, value] : parse_settings_file(name, yaml)) {
            const Declaration* declaration = setting::find(key);
            if (declaration == nullptr) {
                unknown.push_back({key, value.where});
                continue;
            }
            if (declaration->name == setting::CONFIG.name)
                throw SettingsError(key + " (" + value.where + "): is read from the environment only");
            if (value.is_collection && declaration->kind != SettingKind::producer_config)
                throw SettingsError(key + " (" + value.where +
                                    "): must be a single value, not a list or a mapping");
            set(*declaration, {std::move(value.text), SettingSource::file, std::move(value.where)});
        }
        return unknown;
    }

    [[nodiscard]] std::vector<UnknownName> read_environment(const Values& environment) {
        std::vector<UnknownName> unknown;
        for (const auto& [name, value] : environment) {
            const Declaration* declaration = setting::find(name);
            if (declaration == nullptr && name.starts_with(prefix)) unknown.push_back({name, "environment"});
            if (declaration != nullptr && !value.empty())
                set(*declaration, {value, SettingSource::environment, "environment"});
        }
        return unknown;
    }
};

Settings::Settings(std::shared_ptr<const Stored> stored) : stored_(std::move(stored)) {}

Settings::Settings() {
    auto stored = std::make_shared<Stored>();
    stored->default_paths = default_paths(process_environment());
    stored_ = std::move(stored);
}

Settings Settings::load(std::vector<std::string>& warnings) { return load(process_environment(), warnings); }

Settings Settings::load(const Values& environment, std::vector<std::string>& warnings) {
    const std::string path(value_of(environment, setting::CONFIG.name));
    if (path.empty()) return load(environment, {}, {}, warnings);
    return load(environment, path, read_settings_file(path), warnings);
}

Settings Settings::load(const Values& environment, std::string_view file_name, std::string_view yaml,
                        std::vector<std::string>& warnings) {
    auto stored = std::make_shared<Stored>();
    stored->default_paths = default_paths(environment);
    warn_about(stored->read_file(file_name, yaml), warnings);
    warn_about(stored->read_environment(environment), warnings);
    return Settings(std::move(stored));
}

Settings Settings::with(const Values& values) const {
    auto stored = std::make_shared<Stored>(*stored_);
    for (const auto& [name, value] : values) {
        const Declaration* declaration = setting::find(name);
        if (declaration == nullptr) throw SettingsError("unknown setting " + quote(name) + hint(name));
        if (declaration->name == setting::CONFIG.name)
            throw SettingsError(name + " is read from the environment only");
        if (value.empty()) {
            stored->values.erase(declaration->name);
        } else {
            stored->set(*declaration, {value, SettingSource::code, "set by the program"});
        }
    }
    return Settings(std::move(stored));
}

std::string Settings::get(const Setting<std::string>& setting) const {
    const std::string_view text = stored_->text(setting);
    if (text.empty() && stored_->default_paths.contains(setting.name))
        throw SettingsError(std::string(setting.name) +
                            " is not set, and neither XDG_STATE_HOME nor HOME tells a place for its default; "
                            "set one of them");
    return std::string(setting.kind == SettingKind::backend ? backend_name(text) : text);
}

bool Settings::get(const Setting<bool>& setting) const {
    return read_boolean(stored_->text(setting)).value_or(false);
}

std::int64_t Settings::get(const Setting<std::int64_t>& setting) const {
    return read_integer(stored_->text(setting)).value_or(0);
}

std::chrono::milliseconds Settings::get(const Setting<std::chrono::milliseconds>& setting) const {
    return read_seconds(stored_->text(setting)).value_or(std::chrono::milliseconds(0));
}

ProducerConfig Settings::get(const Setting<ProducerConfig>& setting) const {
    return parse_producer_config(stored_->text(setting));
}

std::vector<SettingView> Settings::view() const {
    std::vector<SettingView> views;
    for (const Declaration* declaration : setting::all()) {
        SettingView view{declaration, std::nullopt, SettingSource::fallback, {}};
        if (const auto at = stored_->values.find(declaration->name); at != stored_->values.end()) {
            view.source = at->second.source;
            view.where = at->second.where;
        }
        if (const std::string_view text = stored_->text(*declaration); !text.empty())
            view.value = shown(*declaration, text);
        views.push_back(std::move(view));
    }
    return views;
}

}  // namespace eventbus
