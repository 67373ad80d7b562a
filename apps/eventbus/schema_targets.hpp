#pragma once

#include <string>
#include <vector>

#include "eventbus/registry/subjects.hpp"
#include "program.hpp"

namespace eventbus::app {

/// What the commands about registered schemas are asked for.
struct SchemaSelection {
    std::vector<std::string> types;
    /// Without prefix; empty for those of EVENT_BUS_PRODUCER_CONFIG.
    std::string topic;
    /// A schema in a file instead of the catalogue's.
    std::string file;
};

/// A schema that is, or is to be, registered under a subject.
struct SchemaTarget {
    std::string subject;
    std::string schema;
};

/// Adds the arguments that say which schemas a command is about.
void add_schema_selection(CLI::App& command, SchemaSelection& selection);

/// The schemas that are chosen: of the types' data on the topic, or on the topics that they are sent to, and
/// of the keys that they are sent with. Throws CommandError when there are none.
[[nodiscard]] std::vector<SchemaTarget> schema_targets(const Settings& settings,
                                                       const SchemaSelection& selection);

/// Why a schema that is not registered may not be: by the rule that is given, and by the registry's own.
/// Empty when it may.
[[nodiscard]] std::vector<std::string> problems_of(RegistrySubjects& subjects, const SchemaTarget& target,
                                                   const Compatibility& wanted);

}  // namespace eventbus::app
