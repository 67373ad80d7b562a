#pragma once

#include <string>
#include <string_view>

#include "eventbus/avro/json_text.hpp"

namespace eventbus::avro {

/// `b` of `a.b`.
[[nodiscard]] std::string_view unqualified(std::string_view full_name);
/// `a` of `a.b`; empty when there is none.
[[nodiscard]] std::string_view namespace_of(std::string_view full_name);
/// A name as it is when it has a dot, else within `space`.
[[nodiscard]] std::string qualified(std::string_view name, std::string_view space);
/// The full name of a definition that stands within the namespace `enclosing`. Its `name`, and `namespace` if
/// it has one, must be strings.
[[nodiscard]] std::string full_name_of(const Json& definition, std::string_view enclosing);

enum class NameVerdict { legal, hyphen_in_namespace, illegal };
/// Judges a full name by Avro's rules: parts of `A-Z a-z 0-9 _` that do not begin with a digit.
[[nodiscard]] NameVerdict judge_name(std::string_view full_name);

}  // namespace eventbus::avro
