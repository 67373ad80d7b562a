#include "cpp_names.hpp"
#include "cpp_text.hpp"
#include "cpp_writer.hpp"
#include "personal_data.hpp"
#include "schema_writer.hpp"

namespace eventbus::generator {

namespace {

std::string event_type_text(const Subdomain& subdomain, const Event& event) {
    const std::string personal_name = lower_case(event.constant) + "_personal_data";
    const std::vector<std::string> personal = personal_data(subdomain, event);
    std::string out;
    if (!personal.empty()) {
        out += "constexpr std::array<std::string_view, " + std::to_string(personal.size()) + "> " +
               personal_name + "{\n";
        for (const std::string& path : personal) out += "    " + literal(path) + ",\n";
        out += "};\n\n";
    }
    const std::string python =
        subdomain.python_module.empty() ? "" : subdomain.python_module + ".signals." + event.constant;
    out += "constinit const eventbus::EventType " + event.constant + "{\n";
    out += "    .type =" + folded_literal(event.type, 8) + ",\n";
    out += "    .minor_version = " + std::to_string(event.minor_version) + ",\n";
    out += "    .constant =" + folded_literal(event.constant, 8) + ",\n";
    out += "    .subdomain =" + folded_literal(subdomain.name, 8) + ",\n";
    out += "    .python_path =" + folded_literal(python, 8) + ",\n";
    out += "    .description =" + folded_literal(event.description, 8) + ",\n";
    out += "    .schema =" + raw_json_literal(avro_schema(subdomain, event), 8) + ",\n";
    out += "    .key_field =" + folded_literal(event.key_field, 8) + ",\n";
    out += "    .personal_data = " + (personal.empty() ? std::string("{}") : personal_name) + ",\n";
    out += std::string("    .openedx_events_serializes = ") +
           (event.openedx_events_serializes ? "true" : "false") + ",\n};\n\n";
    return out;
}

// A function's head, on two lines when it is long.
std::string head(const std::string& name, const std::string& parameters) {
    const bool is_long = name.size() + parameters.size() + 4 > line_width;
    return name + "(" + (is_long ? "\n    " : "") + parameters + ") {\n";
}

std::string codec_text(const std::string& type, const std::vector<Field>& fields, const std::string& space) {
    const std::string qualified = "::" + space + "::" + type;
    const std::string codec = "Codec<" + qualified + ">";
    std::string out = head("void " + codec + "::write", "Writer& writer, const " + qualified + "& value");
    for (const Field& field : fields) out += "    avro::write(writer, value." + cpp_name(field.name) + ");\n";
    out += "}\n\n" + head(qualified + " " + codec + "::read", "Reader& reader") + "    return {\n";
    for (const Field& field : fields)
        out += "        ." + cpp_name(field.name) + " = avro::read<" + qualified_cpp_type(field, space) +
               ">(reader),\n";
    return out + "    };\n}\n\n";
}

}  // namespace

std::string cpp_source(const Subdomain& subdomain, const std::string& yaml_name, const std::string& include) {
    const std::string& space = subdomain.cpp_namespace;
    std::string out = "// Made from " + yaml_name +
                      " by eventbus-generate: change that, not this.\n#include \"" + include +
                      "\"\n\n#include <array>\n#include <string_view>\n\nnamespace " + space +
                      " {\n\nnamespace event_type {\n\n";
    for (const Event& event : subdomain.events) out += event_type_text(subdomain, event);
    out +=
        "}  // namespace event_type\n\nstd::span<const eventbus::EventType* const> events() {\n"
        "    static constexpr std::array<const eventbus::EventType*, " +
        std::to_string(subdomain.events.size()) + "> all{\n";
    for (const Event& event : subdomain.events) out += "        &event_type::" + event.constant + ",\n";
    out += "    };\n    return all;\n}\n\n}  // namespace " + space + "\n\nnamespace eventbus::avro {\n\n";
    for (const Record& record : subdomain.records) out += codec_text(record.name, record.fields, space);
    for (const Event& event : subdomain.events)
        out += codec_text(data_struct_name(event.constant), event.data, space);
    return out + "}  // namespace eventbus::avro\n";
}

}  // namespace eventbus::generator
