#pragma once

#include <yaml-cpp/yaml.h>

#include <optional>
#include <string_view>

#include "diagnostics.hpp"

namespace eventbus::generator {

/// The one document of a text from outside: UTF-8, at most 1 MiB, without aliases (`*x`), which could make
/// much of little. Nothing when it is no such text, which was then reported.
[[nodiscard]] std::optional<YAML::Node> parse_yaml(std::string_view text, Diagnostics& diagnostics);

}  // namespace eventbus::generator
