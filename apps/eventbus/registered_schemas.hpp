#pragma once

#include <optional>
#include <string>

#include "format.hpp"
#include "program.hpp"

namespace eventbus::app {

/// Prints a version of a subject of the schema registry; without a number the newest.
[[nodiscard]] ExitCode show_registered(Program& program, const std::string& subject,
                                       const std::optional<int>& version, Format format);

/// Adds the commands of `schema` that ask the schema registry.
void add_registered_schemas(Program& program, CLI::App& schema);

}  // namespace eventbus::app
