#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace eventbus {

/// What a schema has to keep up with the versions before it, by the names that schema registries use
/// (Confluent's documentation, "Schema Evolution and Compatibility"): forward means that data of the new one
/// can be read with an old one, backward the reverse, full both; transitive with all versions, else with the
/// last.
struct Compatibility {
    bool forward = false;
    bool backward = false;
    bool transitive = false;

    /// By name: `NONE`, `FORWARD_TRANSITIVE`, ... Nothing for another text.
    [[nodiscard]] static std::optional<Compatibility> by_name(std::string_view name);

    friend bool operator==(const Compatibility&, const Compatibility&) = default;
};

/// A version of a subject: its number there, and the schema as JSON.
struct SchemaVersion {
    int version = 0;
    std::string schema;
};

/// Why a schema may not follow these versions, which are in order: a sentence each with the field and the
/// version. Versions that cannot be parsed are left out; whether they match is the registry's to say. Throws
/// DecodeError when the schema itself is none.
[[nodiscard]] std::vector<std::string> incompatibilities(std::string_view schema,
                                                         std::span<const SchemaVersion> versions,
                                                         const Compatibility& wanted);

}  // namespace eventbus
