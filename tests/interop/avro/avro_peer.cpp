// Answers requests of the test beside the Python packages: a JSON object on each line of standard input, an
// answer on each line of standard output. Bytes are hexadecimal.
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "eventbus/avro/field_path.hpp"
#include "eventbus/avro/json_view.hpp"
#include "eventbus/avro/resolution.hpp"
#include "eventbus/avro/schema.hpp"
#include "eventbus/event/error.hpp"
#include "hex.hpp"

namespace {

using eventbus::avro::SchemaDocument;
using Json = nlohmann::json;
using eventbus::interop::Bytes;
using eventbus::interop::from_hex;
using eventbus::interop::to_hex;

/// The value as JSON, and the JSON encoded again.
Json view(const Json& request) {
    const auto schema = SchemaDocument::parse(request.at("schema").get<std::string>());
    std::string text;
    eventbus::avro::append_json(text, schema->root(), from_hex(request.at("bytes")));
    Bytes again;
    eventbus::avro::append_avro(again, schema->root(), text);
    return {{"json", text}, {"bytes", to_hex(again)}};
}

Json resolve(const Json& request) {
    const eventbus::avro::Resolution resolution(
        SchemaDocument::parse(request.at("writer").get<std::string>()),
        SchemaDocument::parse(request.at("reader").get<std::string>()));
    const Bytes bytes = from_hex(request.at("bytes"));
    Bytes translated;
    resolution.translate(bytes, translated);
    if (resolution.is_identity() && translated != bytes) return {{"broken", "an identity changed the bytes"}};
    return {{"bytes", to_hex(translated)}, {"identity", resolution.is_identity()}};
}

Json key(const Json& request) {
    const eventbus::avro::FieldPath path(SchemaDocument::parse(request.at("schema").get<std::string>()),
                                         request.at("path").get<std::string>());
    return {{"schema", path.value_schema_json()}};
}

Json answer(const Json& request) {
    try {
        const auto& op = request.at("op").get_ref<const std::string&>();
        if (op == "view") return view(request);
        if (op == "resolve") return resolve(request);
        if (op == "key") return key(request);
        return {{"broken", "unknown request"}};
    } catch (const eventbus::Error& error) {
        return {{"error", error.what()}};
    }
}

}  // namespace

int main() {
    std::string line;
    while (std::getline(std::cin, line)) std::cout << answer(Json::parse(line)).dump() << std::endl;
}
