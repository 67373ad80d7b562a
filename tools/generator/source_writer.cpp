#include "cpp_names.hpp"
#include "cpp_text.hpp"
#include "cpp_writer.hpp"
#include "personal_data.hpp"
#include "schema_writer.hpp"

namespace eventbus::generator {

namespace {

std::string event_type_text(const Subdomain& subdomain, const Event& event) {
    const std::string name = lower_case(event.constant);
    const std::vector<std::string> personal = personal_data(subdomain, event);
    std::string out;
    if (!personal.empty()) {
        out += "constexpr std::array<std::string_view, " + std::to_string(personal.size()) + "> " + name +
               "_personal_data{\n";
        for (const std::string& path : personal) out += "    " + literal(path) + ",\n";
        out += "};\n\n";
    }
    const std::string python =
        subdomain.python_module.empty() ? "" : subdomain.python_module + ".signals." + event.constant;
    out += "constinit const eventbus::EventType " + name + "{\n";
    out += "    .type = " + folded_literal(event.type, 8) + ",\n";
    out += "    .minor_version = " + std::to_string(event.minor_version) + ",\n";
    out += "    .constant = " + literal(event.constant) + ",\n";
    out += "    .subdomain = " + literal(subdomain.name) + ",\n";
    out += "    .python_path = " + folded_literal(python, 8) + ",\n";
    out += "    .description = " + folded_literal(event.description, 8) + ",\n";
    out += "    .schema = " + folded_literal(avro_schema(subdomain, event), 8) + ",\n";
    out += "    .key_field = " + literal(event.key_field) + ",\n";
    out += "    .personal_data = " + (personal.empty() ? std::string("{}") : name + "_personal_data") + ",\n";
    out += std::string("    .openedx_events_serializes = ") +
           (event.openedx_events_serializes ? "true" : "false") + ",\n};\n\n";
    return out;
}

std::string codec_text(const std::string& type, const std::vector<Field>& fields, const std::string& space) {
    const std::string qualified = "::" + space + "::" + type;
    const std::string codec = "Codec<" + qualified + ">";
    std::string out = "void " + codec + "::write(Writer& writer, const " + qualified + "& value) {\n";
    std::string reads;
    for (const Field& field : fields) {
        const std::string member = "Codec<" + qualified_cpp_type(field, space) + ">";
        out += "    " + member + "::write(writer, value." + cpp_name(field.name) + ");\n";
        reads += "        ." + cpp_name(field.name) + " = " + member + "::read(reader),\n";
    }
    return out + "}\n\n" + qualified + " " + codec + "::read(Reader& reader) {\n    return {\n" + reads +
           "    };\n}\n\n";
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
    for (const Event& event : subdomain.events)
        out += "        &event_type::" + lower_case(event.constant) + ",\n";
    out += "    };\n    return all;\n}\n\n}  // namespace " + space + "\n\nnamespace eventbus::avro {\n\n";
    for (const Record& record : subdomain.records) out += codec_text(record.name, record.fields, space);
    for (const Event& event : subdomain.events)
        out += codec_text(data_struct_name(event.constant), event.data, space);
    return out + "}  // namespace eventbus::avro\n";
}

}  // namespace eventbus::generator
