#include <algorithm>

#include "eventbus/avro/schema.hpp"
#include "format.hpp"
#include "program.hpp"

namespace eventbus::app {

namespace {

struct CatalogueArguments {
    Format format = Format::text;
    std::string type;
};

struct FieldRow {
    std::string path;
    std::string type;
    std::optional<std::string> default_json;
    bool personal = false;
};

// A union of null and one other type is that type; `nullable` tells of the null.
const avro::Schema& without_null(const avro::Schema& schema, bool& nullable) {
    if (schema.kind != avro::Kind::union_ || schema.branches.size() != 2) return schema;
    const avro::Schema* other = nullptr;
    for (const avro::Schema* branch : schema.branches) {
        if (branch->kind == avro::Kind::null) {
            nullable = true;
        } else {
            other = branch;
        }
    }
    return nullable && other != nullptr ? *other : schema;
}

std::string type_text(const avro::Schema& schema) {
    bool nullable = false;
    const avro::Schema& type = without_null(schema, nullable);
    std::string text(type.name());
    text.erase(0, text.rfind('.') + 1);
    if (type.kind == avro::Kind::array) text = "list of " + type_text(*type.element);
    if (type.kind == avro::Kind::map) text = "map of " + type_text(*type.element);
    return nullable ? text + ", or null" : text;
}

void append_rows(std::vector<FieldRow>& rows, const EventType& type, const avro::Schema& record,
                 const std::string& prefix);

// The fields of a record that stands in a field, in a list or in a map.
void append_rows_below(std::vector<FieldRow>& rows, const EventType& type, const avro::Schema& schema,
                       const std::string& path) {
    // Deeper than any event is; a record that holds itself ends here.
    constexpr std::ptrdiff_t deepest = 16;
    if (std::count(path.begin(), path.end(), '.') > deepest) return;
    bool nullable = false;
    const avro::Schema& inner = without_null(schema, nullable);
    if (inner.kind == avro::Kind::record) append_rows(rows, type, inner, path + ".");
    if (inner.kind == avro::Kind::array || inner.kind == avro::Kind::map)
        append_rows_below(rows, type, *inner.element, path + "[]");
}

void append_rows(std::vector<FieldRow>& rows, const EventType& type, const avro::Schema& record,
                 const std::string& prefix) {
    for (const avro::Field& field : record.fields) {
        FieldRow row{prefix + field.name, type_text(*field.schema), field.default_json, false};
        row.personal =
            std::any_of(type.personal_data.begin(), type.personal_data.end(),
                        [&](std::string_view path) { return path == row.path || path == row.path + "[]"; });
        const std::string path = row.path;
        rows.push_back(std::move(row));
        append_rows_below(rows, type, *field.schema, path);
    }
}

std::vector<FieldRow> fields_of(const EventType& type) {
    const auto document = avro::SchemaDocument::parse(type.schema);
    std::vector<FieldRow> rows;
    append_rows(rows, type, document->root(), "");
    return rows;
}

Json json_of(const EventType& type) {
    return {{"type", type.type},
            {"constant", type.constant},
            {"subdomain", type.subdomain},
            {"python_path", type.python_path},
            {"minorversion", type.minor_version},
            {"key_field", type.key_field},
            {"personal_data", Json(type.personal_data)},
            {"openedx_events_serializes", type.openedx_events_serializes},
            {"description", type.description}};
}

ExitCode list_events(Format format) {
    Output out;
    Table table({"EVENT TYPE", "CONSTANT"});
    for (const EventType* type : openedx_catalogue().all()) {
        if (format == Format::json) {
            print(out, json_of(*type));
        } else {
            table.add(
                {std::string(type->type), std::string(type->subdomain) + "." + std::string(type->constant)});
        }
    }
    if (format == Format::text) table.print(out);
    out.flush();
    return ExitCode::ok;
}

void show_as_text(Output& out, const EventType& type) {
    out.line(type.type);
    out.line(type.description);
    out.line("");
    out.line("constant     " + std::string(type.subdomain) + "." + std::string(type.constant));
    if (!type.python_path.empty()) out.line("in Python    " + std::string(type.python_path));
    out.line("usual key    " + (type.key_field.empty() ? "none" : std::string(type.key_field)));
    if (!type.openedx_events_serializes)
        out.line("             The Python package defines this event, but cannot send it.");
    out.line("");
    Table table({"FIELD", "TYPE", "DEFAULT", "PERSONAL"});
    for (const FieldRow& row : fields_of(type))
        table.add({row.path, row.type, row.default_json.value_or(""), row.personal ? "yes" : ""});
    table.print(out);
}

void show_as_json(Output& out, const EventType& type) {
    Json object = json_of(type);
    Json& fields = object["fields"] = Json::array();
    for (const FieldRow& row : fields_of(type)) {
        Json field{{"path", row.path}, {"type", row.type}, {"personal", row.personal}};
        if (row.default_json) field["default"] = Json::parse(*row.default_json);
        fields.push_back(std::move(field));
    }
    print(out, object);
}

ExitCode show_event(const CatalogueArguments& arguments) {
    const EventType& type = openedx_catalogue().resolve(arguments.type);
    Output out;
    if (arguments.format == Format::json) {
        show_as_json(out, type);
    } else {
        show_as_text(out, type);
    }
    out.flush();
    return ExitCode::ok;
}

}  // namespace

void add_catalogue(Program& program) {
    auto arguments = std::make_shared<CatalogueArguments>();
    const auto list = [arguments] { return list_events(arguments->format); };
    CLI::App& command = program.add(program.app(), "catalogue", "Prints the event types that are known",
                                    "  eventbus catalogue show COURSE_ENROLLMENT_CREATED", list);
    add_format_option(command, arguments->format);
    program.add(command, "list", "Prints every event type", "  eventbus catalogue list -o json | jq -r .type",
                list);
    CLI::App& show =
        program.add(command, "show", "Prints an event's fields, its key, and which fields are personal data",
                    "  eventbus catalogue show org.openedx.learning.student.registration.completed.v1",
                    [arguments] { return show_event(*arguments); });
    show.add_option("type", arguments->type, "Event type, constant's name or Python path")
        ->type_name("TYPE")
        ->required();
}

}  // namespace eventbus::app
