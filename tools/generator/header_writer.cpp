#include "cpp_names.hpp"
#include "cpp_text.hpp"
#include "cpp_writer.hpp"

namespace eventbus::generator {

namespace {

std::string struct_text(const std::string& name, const std::string& description,
                        const std::vector<Field>& fields) {
    std::string out = doc_comment(description, 0) + "struct " + name + " {\n";
    for (const Field& field : fields) {
        std::string text = field.description;
        if (field.personal) text += text.empty() ? "Personal data." : " Personal data.";
        if (!text.empty()) out += doc_comment(text, 4);
        out += "    " + cpp_type(field) + " " + cpp_name(field.name) + initialiser(field) + ";\n";
    }
    return out + "\n    friend bool operator==(const " + name + "&, const " + name + "&) = default;\n};\n\n";
}

std::string signal_text(const Event& event) {
    const std::string data = data_struct_name(event.constant);
    std::string out = struct_text(data, event.description, event.data);
    out += doc_comment(event.description + " `" + event.type + "`", 0);
    out += "inline constexpr eventbus::Signal<" + data + "> " + event.constant +
           "{event_type::" + lower_case(event.constant) + "};\n\n";
    return out;
}

std::string codec_text(const std::string& type, const std::vector<Field>& fields,
                       const std::string& cpp_namespace) {
    const std::string qualified = "::" + cpp_namespace + "::" + type;
    std::string least;
    for (const Field& field : fields)
        least += (least.empty() ? "" : " +\n        ") +
                 ("Codec<" + qualified_cpp_type(field, cpp_namespace) + ">::least_size");
    return "template <>\nstruct Codec<" + qualified +
           "> {\n    static constexpr std::size_t least_size =\n        " + least +
           ";\n    static void write(Writer& writer, const " + qualified + "& value);\n    static " +
           qualified + " read(Reader& reader);\n};\n\n";
}

}  // namespace

std::string cpp_header(const Subdomain& subdomain, const std::string& yaml_name) {
    const std::string& space = subdomain.cpp_namespace;
    std::string out =
        "// Made from " + yaml_name + " by eventbus-generate: change that, not this.\n#pragma once\n\n" +
        "#include <cstddef>\n#include <cstdint>\n#include <map>\n#include <optional>\n#include <span>\n"
        "#include <string>\n#include <vector>\n\n"
        "#include \"eventbus/avro/types.hpp\"\n#include \"eventbus/catalogue/signal.hpp\"\n\n";
    out += doc_comment(subdomain.description, 0) + "namespace " + space + " {\n\n";
    out += "namespace event_type {\n";
    for (const Event& event : subdomain.events)
        out += "extern const eventbus::EventType " + lower_case(event.constant) + ";\n";
    out += "}  // namespace event_type\n\n";
    for (const Record& record : subdomain.records)
        out += struct_text(record.name, record.description, record.fields);
    for (const Event& event : subdomain.events) out += signal_text(event);
    out +=
        "/// All event types of the subdomain, in the order of the file: what Catalogue::add takes.\n"
        "[[nodiscard]] std::span<const eventbus::EventType* const> events();\n\n";
    out +=
        "/// Calls `visit(SIGNAL)` for each signal of the subdomain.\ntemplate <class Visitor>\n"
        "void visit_signals(Visitor&& visit) {\n";
    for (const Event& event : subdomain.events) out += "    visit(" + event.constant + ");\n";
    out += "}\n\n}  // namespace " + space + "\n\nnamespace eventbus::avro {\n\n";
    for (const Record& record : subdomain.records) out += codec_text(record.name, record.fields, space);
    for (const Event& event : subdomain.events)
        out += codec_text(data_struct_name(event.constant), event.data, space);
    return out + "}  // namespace eventbus::avro\n";
}

}  // namespace eventbus::generator
