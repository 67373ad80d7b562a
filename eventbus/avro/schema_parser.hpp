#pragma once

#include <deque>
#include <optional>
#include <string>

#include "eventbus/avro/json_text.hpp"
#include "eventbus/avro/schema.hpp"

namespace eventbus::avro {

struct ParsedSchema {
    /// All types; their addresses stay.
    std::deque<Schema> types;
    const Schema* root = nullptr;
    /// The first full name that breaks Avro's rules and is let through.
    std::optional<std::string> illegal_name;
};

/// Checks a schema and builds its types. Throws DecodeError that begins with the path of what is wrong.
[[nodiscard]] ParsedSchema parse_schema(const Json& json);

}  // namespace eventbus::avro
