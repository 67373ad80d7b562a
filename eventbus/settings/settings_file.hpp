#pragma once

#include <map>
#include <string>
#include <string_view>

namespace eventbus {

/// A value of the YAML file as text, and where it stands (`settings.yaml:3:18`).
struct FileValue {
    std::string text;
    std::string where;
};

/// Reads the text of a settings file: a YAML mapping from names to values. Sequences and mappings become JSON
/// text, null values are left out. Throws SettingsError with file, line and column.
[[nodiscard]] std::map<std::string, FileValue> parse_settings_file(std::string_view name,
                                                                   std::string_view yaml);

/// The text of a file of at most 1 MiB. Throws SettingsError.
[[nodiscard]] std::string read_settings_file(const std::string& path);

}  // namespace eventbus
