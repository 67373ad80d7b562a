#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "eventbus/command/log_lines.hpp"
#include "eventbus/event/quote.hpp"
#include "format.hpp"
#include "program.hpp"
#include "registered_schemas.hpp"

namespace eventbus::app {

namespace {

namespace fs = std::filesystem;

struct SchemaArguments {
    Format format = Format::text;
    std::vector<std::string> types;
    bool all = false;
    bool force = false;
    std::string directory;
    std::string subject;
    std::optional<int> version;
};

std::string readable(const EventType& type) { return Json::parse(type.schema).dump(2); }

// The name that the Python command gives the file, so that both can be laid side by side.
std::string file_name(const EventType& type) {
    std::string name(type.type);
    std::replace(name.begin(), name.end(), '.', '+');
    return name + "_schema.avsc";
}

std::optional<std::string> contents(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return std::nullopt;
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
}

[[noreturn]] void fail_to_write(const fs::path& path, const std::string& why) {
    throw OutputError(quote(path.string()) + " cannot be written: " + why, false);
}

void write_file(const fs::path& path, const std::string& text) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    if (out.fail()) fail_to_write(path, "is it a directory that may be written, and is there room?");
}

// A schema in use is not to be changed by accident: another one under its name is kept unless forced.
void write_schema(const fs::path& path, const std::string& text, bool force) {
    const auto present = contents(path);
    if (present == text) return;
    if (present && !force)
        throw CommandError(ExitCode::output,
                           quote(path.string()) +
                               " holds another schema; --force writes over it, a change that "
                               "breaks readers needs a new event type");
    write_file(path, text);
}

void write_schemas(Output& out, const SchemaArguments& arguments,
                   const std::vector<const EventType*>& types) {
    std::error_code error;
    fs::create_directories(arguments.directory, error);
    if (error) fail_to_write(arguments.directory, error.message());
    for (const EventType* type : types) {
        const fs::path path = fs::path(arguments.directory) / file_name(*type);
        write_schema(path, readable(*type) + "\n", arguments.force);
        if (arguments.format == Format::json) {
            print(out, {{"type", type->type}, {"file", path.string()}});
        } else {
            out.line(path.string());
        }
    }
}

void print_schemas(Output& out, const SchemaArguments& arguments,
                   const std::vector<const EventType*>& types) {
    for (const EventType* type : types)
        out.line(arguments.format == Format::json ? Json::parse(type->schema).dump() : readable(*type));
}

ExitCode show(Program& program, const SchemaArguments& arguments) {
    if (!arguments.subject.empty())
        return show_registered(program, arguments.subject, arguments.version, arguments.format);
    if (arguments.all != arguments.types.empty())
        throw CommandError(ExitCode::usage, "name event types, or give --all or --subject");
    std::vector<const EventType*> types;
    for (const std::string& name : arguments.types) types.push_back(&openedx_catalogue().resolve(name));
    if (arguments.all) types.assign(openedx_catalogue().all().begin(), openedx_catalogue().all().end());
    Output out;
    if (arguments.directory.empty()) {
        print_schemas(out, arguments, types);
    } else {
        write_schemas(out, arguments, types);
    }
    out.flush();
    return ExitCode::ok;
}

}  // namespace

void add_schema(Program& program) {
    auto arguments = std::make_shared<SchemaArguments>();
    CLI::App& command = program.add(program.app(), "schema",
                                    "Prints the Avro schemas of events, and compares them with a registry's",
                                    "  eventbus schema show COURSE_ENROLLMENT_CREATED", []() -> ExitCode {
                                        throw CommandError(ExitCode::usage,
                                                           "name what to do: show, list, diff, "
                                                           "check-compatibility or register");
                                    });
    CLI::App& shown =
        program.add(command, "show",
                    "Prints the Avro schemas of events, or writes them to files; or one that is registered",
                    "  eventbus schema show org.openedx.learning.course.enrollment.created.v1\n"
                    "  eventbus schema show --all --directory schemas\n"
                    "  eventbus schema show --subject prod-user-login-long --version 1",
                    [arguments, &program] { return show(program, *arguments); });
    add_format_option(shown, arguments->format);
    shown.add_option("types", arguments->types, "Event types, constants' names or Python paths")
        ->type_name("TYPE");
    shown.add_flag("--all", arguments->all, "The schemas of all events");
    shown
        .add_option(
            "--directory", arguments->directory,
            "Write each schema to a file here instead of printing it, named as openedx-events names it")
        ->type_name("DIRECTORY");
    shown.add_flag("--force", arguments->force, "Write over files that hold another schema");
    shown
        .add_option("--subject", arguments->subject,
                    "Print what the schema registry has under this subject, instead of the catalogue's")
        ->type_name("SUBJECT");
    shown.add_option("--version", arguments->version, "Which version of the subject; without it the newest")
        ->type_name("N");
    add_registered_schemas(program, command);
}

}  // namespace eventbus::app
