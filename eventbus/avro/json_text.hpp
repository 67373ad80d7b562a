#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string_view>

namespace eventbus::avro {

using Json = nlohmann::json;

/// Parses JSON from outside: UTF-8, at most `max_bytes` long and `max_depth` deep, no member twice in an
/// object. Throws DecodeError that begins with `what`, with line and column, and without the text itself,
/// which may be personal.
[[nodiscard]] Json parse_json(std::string_view text, std::string_view what, std::size_t max_bytes);

}  // namespace eventbus::avro
