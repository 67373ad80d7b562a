#pragma once

#include <string>
#include <vector>

#include "eventbus/avro/schema.hpp"

namespace eventbus::avro {

/// One place in which two schemas differ.
struct SchemaDifference {
    /// `user.pii.email`; `[]` after a list's or map's name, empty for the schema itself.
    std::string path;
    /// The type and default there, in one line: `string`, `null|long = null`, `record CourseData`; empty
    /// where the schema has nothing.
    std::string before;
    std::string after;

    friend bool operator==(const SchemaDifference&, const SchemaDifference&) = default;
};

/// Where `after` differs from `before` in what it means to readers and writers: fields, their order, types
/// and defaults; texts of documentation do not count. In the order of the paths in `after`, and then what
/// only `before` has. Empty when there is none.
[[nodiscard]] std::vector<SchemaDifference> differences(const Schema& before, const Schema& after);

}  // namespace eventbus::avro
