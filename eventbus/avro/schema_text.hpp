#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "eventbus/avro/json_text.hpp"

namespace eventbus::avro {

/// Takes a part out of a schema's JSON as a schema of its own: types that are defined elsewhere in the whole
/// are written out where they are first needed, with their namespaces.
class SchemaExcerpt {
  public:
    explicit SchemaExcerpt(const Json& whole);

    /// `part` stands in the whole within the namespace `space`.
    [[nodiscard]] Json take(const Json& part, const std::string& space);

    /// The definition that a name stands for, with its namespace; null for a primitive type.
    struct Definition {
        const Json* json = nullptr;
        std::string space;
    };
    [[nodiscard]] const Definition* find(std::string_view name, const std::string& space) const;

  private:
    void collect(const Json& json, const std::string& space);
    Json definition(const Json& json, const std::string& space);

    std::map<std::string, Definition, std::less<>> definitions_;
    std::set<std::string> written_;
};

/// JSON in the text form that the Python packages register schemas in (members sorted, `, ` and `: ` between,
/// ASCII), so that a registry that compares texts finds the same schema.
[[nodiscard]] std::string registered_text(const Json& json);

}  // namespace eventbus::avro
