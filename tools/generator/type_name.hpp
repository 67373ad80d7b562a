#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model.hpp"

namespace eventbus::generator {

/// Reads a type as the YAML writes it: `string`, `list<map<int>>`, a record's name. Any name that is no
/// built-in type is taken for a record. Nothing when the text is no type at all, or nested too deeply.
[[nodiscard]] std::optional<Type> parse_type(std::string_view text);

/// Names of the built-in types.
[[nodiscard]] const std::vector<std::string_view>& builtin_types();

/// Whether a text can be a C++ and an Avro name.
[[nodiscard]] bool is_identifier(std::string_view text);

}  // namespace eventbus::generator
