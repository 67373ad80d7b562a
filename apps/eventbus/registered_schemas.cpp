#include "registered_schemas.hpp"

#include "eventbus/avro/schema_difference.hpp"
#include "eventbus/broker/kafka/kafka_broker.hpp"
#include "eventbus/catalogue/catalogue.hpp"
#include "eventbus/event/quote.hpp"
#include "schema_targets.hpp"

namespace eventbus::app {

namespace {

struct Arguments {
    Format format = Format::text;
    SchemaSelection selection;
};

class Registry {
  public:
    explicit Registry(Program& program)
        : options_(registry_options(program.settings())), subjects_(options_, program.bus_options().log) {}

    RegistrySubjects* operator->() { return &subjects_; }
    RegistrySubjects& operator*() { return subjects_; }
    [[nodiscard]] const Compatibility& compatibility() const { return options_.compatibility; }

  private:
    RegistryOptions options_;
    RegistrySubjects subjects_;
};

/// The event type whose data a subject's schema describes, by the end of the subject's name.
const EventType* type_of(const std::string& subject) {
    for (const EventType* type : openedx_catalogue().all())
        if (subject.ends_with("-" + std::string(type->type) + ".CloudEvent")) return type;
    return nullptr;
}

std::vector<avro::SchemaDifference> differences_of(const std::string& before, std::string_view after) {
    return avro::differences(avro::SchemaDocument::parse(before)->root(),
                             avro::SchemaDocument::parse(after)->root());
}

// How what is registered last stands to the catalogue.
std::string state_of(const std::string& subject, const std::string& schema) {
    const EventType* const type = type_of(subject);
    if (type == nullptr) return {};
    try {
        return differences_of(schema, type->schema).empty() ? "as in the catalogue" : "differs";
    } catch (const DecodeError&) {
        return "no schema";
    }
}

ExitCode list(Program& program, const Arguments& arguments) {
    Registry registry(program);
    Output out;
    Table table({"SUBJECT", "VERSIONS", "ID", "RULE", "CATALOGUE"});
    for (const std::string& subject : registry->list()) {
        const auto latest = registry->latest(subject);
        if (!latest) continue;
        const std::size_t versions = registry->versions(subject).size();
        const std::string rule = registry->rule(subject);
        const std::string state = state_of(subject, latest->schema);
        if (arguments.format == Format::json) {
            print(out, {{"subject", subject},
                        {"versions", versions},
                        {"version", latest->version},
                        {"id", latest->id.value},
                        {"rule", rule},
                        {"catalogue", state.empty() ? Json() : Json(state)}});
        } else {
            table.add({subject, std::to_string(versions), std::to_string(latest->id.value), rule, state});
        }
    }
    if (arguments.format == Format::text) table.print(out);
    out.flush();
    return ExitCode::ok;
}

std::string line_of(const avro::SchemaDifference& difference) {
    const std::string path = difference.path.empty() ? "(schema)" : difference.path;
    if (difference.before.empty()) return "  + " + path + ": " + difference.after;
    if (difference.after.empty()) return "  - " + path + ": " + difference.before;
    return "  ~ " + path + ": " + difference.before + " -> " + difference.after;
}

Json json_of(const std::vector<avro::SchemaDifference>& differences) {
    Json list = Json::array();
    const auto text = [](const std::string& side) { return side.empty() ? Json() : Json(side); };
    for (const auto& one : differences)
        list.push_back({{"path", one.path}, {"before", text(one.before)}, {"after", text(one.after)}});
    return list;
}

ExitCode diff(Program& program, const Arguments& arguments) {
    Registry registry(program);
    Output out;
    bool is_same = true;
    for (const SchemaTarget& target : schema_targets(program.settings(), arguments.selection)) {
        const auto latest = registry->latest(target.subject);
        const auto found =
            latest ? differences_of(latest->schema, target.schema) : std::vector<avro::SchemaDifference>{};
        is_same = is_same && latest && found.empty();
        if (arguments.format == Format::json) {
            print(out, {{"subject", target.subject},
                        {"version", latest ? Json(latest->version) : Json()},
                        {"differences", json_of(found)}});
            continue;
        }
        const std::string state = found.empty() ? ": the same" : ":";
        out.line(latest ? "version " + std::to_string(latest->version) + " of " + target.subject + state
                        : target.subject + ": not registered");
        for (const auto& difference : found) out.line(line_of(difference));
    }
    out.flush();
    return is_same ? ExitCode::ok : ExitCode::schema_differs;
}

ExitCode check(Program& program, const Arguments& arguments) {
    Registry registry(program);
    Output out;
    bool is_compatible = true;
    for (const SchemaTarget& target : schema_targets(program.settings(), arguments.selection)) {
        const auto known = registry->find(target.subject, target.schema);
        const auto problems =
            known ? std::vector<std::string>{} : problems_of(*registry, target, registry.compatibility());
        is_compatible = is_compatible && problems.empty();
        if (arguments.format == Format::json) {
            print(out, {{"subject", target.subject},
                        {"registered", known ? Json(known->version) : Json()},
                        {"compatible", problems.empty()},
                        {"problems", problems}});
            continue;
        }
        const char* const fine = known ? ": registered" : ": compatible, and not registered yet";
        out.line(target.subject + (problems.empty() ? fine : ": not compatible"));
        for (const std::string& problem : problems) out.line("  - " + problem);
    }
    out.flush();
    return is_compatible ? ExitCode::ok : ExitCode::schema_differs;
}

ExitCode add_to_registry(Program& program, const Arguments& arguments) {
    RegistryOptions options = registry_options(program.settings());
    options.registers = true;
    SchemaRegistry registry(options, program.bus_options().log);
    Output out;
    for (const SchemaTarget& target : schema_targets(program.settings(), arguments.selection)) {
        SchemaId id;
        try {
            id = registry.id_of(target.subject, target.schema);
        } catch (const SchemaRefused& refused) {
            throw CommandError(ExitCode::schema_differs, refused.what());
        }
        if (arguments.format == Format::json) {
            print(out, {{"subject", target.subject}, {"id", id.value}});
        } else {
            out.line(target.subject + ": id " + std::to_string(id.value));
        }
        out.flush();
    }
    return ExitCode::ok;
}

}  // namespace

ExitCode show_registered(Program& program, const std::string& subject, const std::optional<int>& version,
                         Format format) {
    Registry registry(program);
    std::optional<RegistrySubjects::Registered> found;
    if (version) {
        found = registry->version(subject, *version);
    } else {
        found = registry->latest(subject);
    }
    if (!found)
        throw NotFound("the schema registry has no subject " + quote(subject) +
                       "; `eventbus schema list` lists those there are");
    Output out;
    if (format == Format::json) {
        print(out, {{"subject", subject},
                    {"version", found->version},
                    {"id", found->id.value},
                    {"schema", found->schema}});
    } else {
        const Json schema = Json::parse(found->schema, nullptr, false);
        out.line(schema.is_discarded() ? found->schema : schema.dump(2));
    }
    out.flush();
    return ExitCode::ok;
}

void add_registered_schemas(Program& program, CLI::App& schema) {
    auto arguments = std::make_shared<Arguments>();
    const auto does = [&](auto action) { return [=, &program] { return action(program, *arguments); }; };
    CLI::App& listed = program.add(schema, "list", "Lists the subjects of the schema registry",
                                   "  eventbus schema list", does(list));
    add_format_option(listed, arguments->format);

    CLI::App& compared =
        program.add(schema, "diff", "Shows where the registered schemas differ from the catalogue's",
                    "  eventbus schema diff\n"
                    "  eventbus schema diff COURSE_ENROLLMENT_CREATED -t enrollments\n\n"
                    "Ends with exit code 14 when one differs, or is not registered.",
                    does(diff));
    add_format_option(compared, arguments->format);
    add_schema_selection(compared, arguments->selection);

    CLI::App& checked = program.add(
        schema, "check-compatibility", "Tells whether schemas may be registered beside those before them",
        "  eventbus schema check-compatibility\n"
        "  eventbus schema check-compatibility -t enrollments --schema new.avsc\n\n"
        "Registers nothing. The rules are EVENT_BUS_KAFKA_SCHEMA_COMPATIBILITY and the registry's own.\n"
        "Ends with exit code 14 when one may not be registered, and says which fields are in the way.",
        does(check));
    add_format_option(checked, arguments->format);
    add_schema_selection(checked, arguments->selection);

    CLI::App& registered =
        program.add(schema, "register", "Registers schemas, where they may be, before events need them",
                    "  eventbus schema register\n"
                    "  eventbus schema register COURSE_ENROLLMENT_CREATED -t enrollments",
                    does(add_to_registry));
    add_format_option(registered, arguments->format);
    add_schema_selection(registered, arguments->selection);
}

}  // namespace eventbus::app
