#pragma once

#include <map>
#include <string>
#include <string_view>

namespace eventbus {

/// A value of the YAML file.
struct FileValue {
    /// A scalar's text; a sequence or mapping as JSON.
    std::string text;
    /// Where its name stands: `settings.yaml:3:1`.
    std::string where;
    bool is_collection = false;
};

/// Reads the text of a settings file: one YAML mapping from names to values, at most 1 MiB of UTF-8. Null
/// values are left out. Plain scalars within collections are what YAML 1.1 takes them for (`yes` is true), as
/// in the Python settings files. Throws SettingsError with file, line and column.
[[nodiscard]] std::map<std::string, FileValue> parse_settings_file(std::string_view name,
                                                                   std::string_view yaml);

/// The text of the regular file that EVENT_BUS_CONFIG names, at most 1 MiB. Throws SettingsError.
[[nodiscard]] std::string read_settings_file(const std::string& path);

}  // namespace eventbus
