#include "cpp_names.hpp"
#include "cpp_text.hpp"
#include "cpp_writer.hpp"
#include "least_size.hpp"

namespace eventbus::generator {

namespace {

constexpr const char* includes =
    "#include <cstddef>\n#include <cstdint>\n#include <map>\n#include <optional>\n#include <span>\n"
    "#include <string>\n#include <vector>\n\n"
    "#include \"eventbus/avro/types.hpp\"\n#include \"eventbus/catalogue/signal.hpp\"\n\n";

std::string struct_text(const std::string& name, const std::string& description,
                        const std::vector<Field>& fields) {
    std::string out = doc_comment(description, 0) + "struct " + name + " {\n";
    for (const Field& field : fields) {
        std::string text = field.description;
        if (field.personal) text += text.empty() ? "Personal data." : " Personal data.";
        if (!text.empty()) out += doc_comment(text, 4);
        out += "    " + cpp_type(field) + " " + cpp_name(field.name) + initialiser(field) + ";\n";
    }
    const std::string equality = "    friend bool operator==(const " + name + "&,";
    const std::string rest = " const " + name + "&) = default;\n};\n\n";
    const bool is_long = equality.size() + rest.size() > line_width + 5;
    const std::string fold = is_long ? "\n" + std::string(26, ' ') : "";
    return out + "\n" + equality + fold + rest;
}

std::string signal_text(const Event& event) {
    const std::string data = data_struct_name(event.constant);
    std::string out = struct_text(data, "What " + event.constant + " carries.", event.data);
    std::string description = event.description + " Event type `" + event.type + "`";
    if (!event.key_field.empty()) description += ", usual key `" + event.key_field + "`";
    out += doc_comment(description + ".", 0);
    const std::string declaration = "inline constexpr eventbus::Signal<" + data + "> " + event.constant;
    const std::string initialiser = "{event_type::" + event.constant + "};";
    const bool is_long = declaration.size() + initialiser.size() > line_width;
    return out + declaration + (is_long ? "{\n    event_type::" + event.constant + "};" : initialiser) +
           "\n\n";
}

std::string codec_text(const Subdomain& subdomain, const std::string& type,
                       const std::vector<Field>& fields) {
    const std::string qualified = "::" + subdomain.cpp_namespace + "::" + type;
    return "template <>\nstruct Codec<" + qualified + "> {\n    static constexpr std::size_t least_size = " +
           std::to_string(least_size(subdomain, fields)) + ";\n    static void write(Writer& writer, const " +
           qualified + "& value);\n    static " + qualified + " read(Reader& reader);\n};\n\n";
}

std::string event_types_text(const Subdomain& subdomain) {
    std::string out = "/// The events as data, for a Catalogue.\nnamespace event_type {\n";
    for (const Event& event : subdomain.events)
        out += "extern const eventbus::EventType " + event.constant + ";\n";
    return out + "}  // namespace event_type\n\n";
}

std::string lists_text(const Subdomain& subdomain) {
    std::string out =
        "/// All event types of the subdomain, in the order of the file: what Catalogue::add takes.\n"
        "[[nodiscard]] std::span<const eventbus::EventType* const> events();\n\n"
        "/// Calls `visit(SIGNAL)` for each signal of the subdomain.\ntemplate <class Visitor>\n"
        "void visit_signals(Visitor&& visit) {\n";
    for (const Event& event : subdomain.events) out += "    visit(" + event.constant + ");\n";
    return out + "}\n\n";
}

}  // namespace

std::string cpp_header(const Subdomain& subdomain, const std::string& yaml_name) {
    const std::string& space = subdomain.cpp_namespace;
    std::string out = "// Made from " + yaml_name +
                      " by eventbus-generate: change that, not this.\n"
                      "// Members without an initialiser are required; the others may be left out.\n"
                      "#pragma once\n\n" +
                      std::string(includes);
    out += doc_comment(subdomain.description, 0) + "namespace " + space + " {\n\n";
    out += event_types_text(subdomain);
    for (const Record& record : subdomain.records)
        out += struct_text(record.name, record.description, record.fields);
    for (const Event& event : subdomain.events) out += signal_text(event);
    out += lists_text(subdomain) + "}  // namespace " + space + "\n\n";
    out += "// How the structs are written to and read from Avro.\nnamespace eventbus::avro {\n\n";
    for (const Record& record : subdomain.records) out += codec_text(subdomain, record.name, record.fields);
    for (const Event& event : subdomain.events)
        out += codec_text(subdomain, data_struct_name(event.constant), event.data);
    return out + "}  // namespace eventbus::avro\n";
}

}  // namespace eventbus::generator
