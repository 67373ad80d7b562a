// Answers requests of the test beside openedx-events: a JSON object on each line of standard input, an answer
// on each line of standard output. Bytes are hexadecimal.
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "eventbus/avro/json_view.hpp"
#include "eventbus/avro/schema.hpp"
#include "eventbus/catalogue/analytics.hpp"
#include "eventbus/catalogue/authz.hpp"
#include "eventbus/catalogue/catalogue.hpp"
#include "eventbus/catalogue/content_authoring.hpp"
#include "eventbus/catalogue/enterprise.hpp"
#include "eventbus/catalogue/learning.hpp"
#include "eventbus/event/error.hpp"
#include "hex.hpp"

namespace {

using eventbus::avro::SchemaDocument;
using eventbus::interop::Bytes;
using eventbus::interop::from_hex;
using eventbus::interop::to_hex;
using Json = nlohmann::json;

/// What the test asks of a signal, with the type of its data forgotten.
struct Typed {
    const eventbus::EventType* type;
    std::shared_ptr<const SchemaDocument> schema;
    /// The bytes through the generated struct.
    std::function<Bytes(const Bytes&)> copy;
};

std::map<std::string, Typed> typed_signals() {
    std::map<std::string, Typed> all;
    const auto add = [&](const auto& signal) {
        const eventbus::EventType& type = signal.type();
        const auto copy = [signal](const Bytes& bytes) {
            Bytes again;
            signal.encode(signal.decode(bytes), again);
            return again;
        };
        all.emplace(type.type, Typed{&type, SchemaDocument::parse(type.schema), copy});
    };
    eventbus::analytics::visit_signals(add);
    eventbus::authz::visit_signals(add);
    eventbus::content_authoring::visit_signals(add);
    eventbus::enterprise::visit_signals(add);
    eventbus::learning::visit_signals(add);
    return all;
}

Json describe(const eventbus::EventType& type) {
    return {{"type", type.type},
            {"minor_version", type.minor_version},
            {"constant", type.constant},
            {"subdomain", type.subdomain},
            {"python_path", type.python_path},
            {"description", type.description},
            {"schema", type.schema},
            {"key_field", type.key_field},
            {"personal_data", std::vector<std::string>(type.personal_data.begin(), type.personal_data.end())},
            {"openedx_events_serializes", type.openedx_events_serializes}};
}

Json list() {
    Json types = Json::array();
    for (const eventbus::EventType* type : eventbus::openedx_catalogue().all())
        types.push_back(describe(*type));
    return {{"types", types}, {"version", eventbus::openedx_events_version()}};
}

/// The bytes through the struct, and through the JSON view.
Json copy(const Typed& signal, const Json& request) {
    const Bytes bytes = from_hex(request.at("bytes"));
    std::string text;
    eventbus::avro::append_json(text, signal.schema->root(), bytes);
    Bytes from_json;
    eventbus::avro::append_avro(from_json, signal.schema->root(), text);
    return {{"typed", to_hex(signal.copy(bytes))}, {"json", text}, {"from_json", to_hex(from_json)}};
}

Json answer(const std::map<std::string, Typed>& signals, const Json& request) {
    try {
        const auto& op = request.at("op").get_ref<const std::string&>();
        if (op == "list") return list();
        const auto signal = signals.find(request.at("type").get<std::string>());
        if (signal == signals.end()) return {{"broken", "unknown event type"}};
        if (op == "copy") return copy(signal->second, request);
        return {{"broken", "unknown request"}};
    } catch (const eventbus::Error& error) {
        return {{"error", error.what()}};
    } catch (const std::logic_error& error) {
        return {{"broken", error.what()}};
    }
}

}  // namespace

int main() {
    const auto signals = typed_signals();
    std::string line;
    while (std::getline(std::cin, line)) std::cout << answer(signals, Json::parse(line)).dump() << std::endl;
}
