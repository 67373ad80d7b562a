#pragma once

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
    std::string_view name;
    SettingKind kind;
    std::string_view text;
    std::string_view fallback;
    bool secret = false;
    /// The value in force as text, `********` for a secret that is set; nothing when unset.
    std::optional<std::string> value;
    SettingSource source = SettingSource::fallback;
};

/// The settings in force: environment variables above the YAML file that `EVENT_BUS_CONFIG` names, above the defaults.
/// Immutable and cheap to copy; thread-safe.
class Settings {
  public:
    using Values = std::map<std::string, std::string, std::less<>>;

    /// Defaults only.
    Settings();
    /// Reads the environment of this process and the file it names. Throws SettingsError that names the setting, its value, where it
    /// stands (file and line), and what is allowed. `warnings` gets a sentence for each unknown `EVENT_BUS_*` name, with the
    /// nearest known one.
    [[nodiscard]] static Settings load(std::vector<std::string>& warnings);
    /// The same from the given variables instead of the process's environment.
    [[nodiscard]] static Settings load(const Values& environment, std::vector<std::string>& warnings);
    /// A copy with the values set from code, above all others; text in the form of an environment variable. Throws SettingsError.
    [[nodiscard]] Settings with(const Values& values) const;

    template <class T>
    [[nodiscard]] T get(const Setting<T>& setting) const;

    /// Every declared setting, in the order of declaration, with what is in force.
    [[nodiscard]] std::vector<SettingView> view() const;

  private:
    struct Stored;
    std::shared_ptr<const Stored> stored_;
};

}  // namespace eventbus
