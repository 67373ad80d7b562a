#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventbus/settings/declarations.hpp"
#include "eventbus/settings/setting.hpp"

namespace eventbus {

/// Where a setting's value in force came from.
enum class SettingSource { fallback, file, environment, code };

/// A setting as the reference and `eventbus settings` show it.
struct SettingView {
    const Declaration* declaration = nullptr;
    /// The value in force, secrets hidden; nothing when unset.
    std::optional<std::string> value;
    SettingSource source = SettingSource::fallback;
    /// `environment`, `settings.yaml:3:1`, ...; empty for a default.
    std::string where;
};

/// The settings in force: environment variables above the YAML file that EVENT_BUS_CONFIG names, above the
/// defaults. An empty value counts as not set wherever it stands. Immutable, cheap to copy, thread-safe.
///
/// Whatever reads settings throws SettingsError for a wrong value: it names the setting, the value (hidden
/// when it is secret), where it stands, and what is allowed.
class Settings {
  public:
    using Values = std::map<std::string, std::string, std::less<>>;

    /// Defaults only.
    Settings();

    /// Reads the environment of this process and the file it names. `warnings` gets a sentence for each
    /// unknown `EVENT_BUS_*` variable and each unknown key of the file, with the nearest known name.
    [[nodiscard]] static Settings load(std::vector<std::string>& warnings);
    /// The same from these variables instead of the process's environment.
    [[nodiscard]] static Settings load(const Values& environment, std::vector<std::string>& warnings);
    /// The same with the file's text instead of EVENT_BUS_CONFIG; `file_name` is for messages.
    [[nodiscard]] static Settings load(const Values& environment, std::string_view file_name,
                                       std::string_view yaml, std::vector<std::string>& warnings);

    /// A copy with values set from code, above all others; text in the form of an environment variable. An
    /// empty value takes the setting back to its default. Throws SettingsError for unknown names too.
    [[nodiscard]] Settings with(const Values& values) const;

    /// Empty when it is not set and has no default. A backend's name is the short one, whichever was given.
    /// Throws SettingsError for a path when nothing tells where its default would be.
    [[nodiscard]] std::string get(const Setting<std::string>& setting) const;
    [[nodiscard]] bool get(const Setting<bool>& setting) const;
    [[nodiscard]] std::int64_t get(const Setting<std::int64_t>& setting) const;
    [[nodiscard]] std::chrono::milliseconds get(const Setting<std::chrono::milliseconds>& setting) const;
    [[nodiscard]] ProducerConfig get(const Setting<ProducerConfig>& setting) const;

    /// Every declared setting, in the order of declaration.
    [[nodiscard]] std::vector<SettingView> view() const;

  private:
    struct Stored;
    explicit Settings(std::shared_ptr<const Stored> stored);
    std::shared_ptr<const Stored> stored_;
};

}  // namespace eventbus
