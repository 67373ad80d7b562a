#include "eventbus/registry/subjects.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "eventbus/event/quote.hpp"
#include "eventbus/registry/answer.hpp"

namespace eventbus {

namespace {

using Json = nlohmann::json;
using registry::HttpAnswer;
using registry::json_of;
using registry::member;

std::string about(std::string_view subject) { return "about the subject " + quote(subject); }

template <class Value>
std::vector<Value> list_of(const HttpAnswer& answer, const std::string& what) {
    const Json json = json_of(answer, what);
    try {
        auto values = json.get<std::vector<Value>>();
        std::sort(values.begin(), values.end());
        return values;
    } catch (const Json::exception&) {
        registry::cannot_understand(what, answer);
    }
}

RegistrySubjects::Registered registered_of(const HttpAnswer& answer, const std::string& what) {
    const Json json = json_of(answer, what);
    return {member<int>(json, "version", answer, what),
            SchemaId{member<std::int32_t>(json, "id", answer, what)},
            member<std::string>(json, "schema", answer, what)};
}

}  // namespace

RegistrySubjects::RegistrySubjects(RegistryOptions options, LogSink log)
    : options_(std::move(options)),
      log_(std::move(log)),
      http_(std::make_unique<registry::Http>(options_, log_)) {}

RegistrySubjects::~RegistrySubjects() = default;

std::vector<std::string> RegistrySubjects::list() {
    return list_of<std::string>(http_->get("/subjects"), "about its subjects");
}

std::vector<int> RegistrySubjects::versions(std::string_view subject) {
    const HttpAnswer answer = http_->get("/subjects/" + http_->escaped(subject) + "/versions");
    if (answer.status == registry::not_found) return {};
    return list_of<int>(answer, about(subject));
}

RegistrySubjects::Registered RegistrySubjects::version(std::string_view subject, int version) {
    const std::string number = std::to_string(version);
    const HttpAnswer answer = http_->get("/subjects/" + http_->escaped(subject) + "/versions/" + number);
    if (answer.status == registry::not_found)
        throw NotFound("the schema registry has no version " + number + " of the subject " + quote(subject));
    return registered_of(answer, about(subject));
}

std::optional<RegistrySubjects::Registered> RegistrySubjects::latest(std::string_view subject) {
    const HttpAnswer answer = http_->get("/subjects/" + http_->escaped(subject) + "/versions/latest");
    if (answer.status == registry::not_found) return std::nullopt;
    return registered_of(answer, about(subject));
}

std::vector<SchemaVersion> RegistrySubjects::all(std::string_view subject) {
    std::vector<SchemaVersion> all;
    for (const int number : versions(subject)) all.push_back({number, version(subject, number).schema});
    return all;
}

std::optional<RegistrySubjects::Registered> RegistrySubjects::find(std::string_view subject,
                                                                   std::string_view schema) {
    const HttpAnswer answer =
        http_->post("/subjects/" + http_->escaped(subject), Json{{"schema", schema}}.dump());
    // Of one that it cannot parse it has none.
    if (answer.status == registry::not_found || answer.status == registry::unprocessable) return std::nullopt;
    return registered_of(answer, about(subject));
}

SchemaId RegistrySubjects::add(std::string_view subject, std::string_view schema) {
    const std::string what = about(subject);
    const HttpAnswer answer =
        http_->post("/subjects/" + http_->escaped(subject) + "/versions", Json{{"schema", schema}}.dump());
    if (answer.status == registry::conflict)
        throw SchemaRefused(
            "the schema registry refuses the schema, as it is not compatible with what is "
            "registered under the subject " +
            quote(subject) + " (" + registry::reason_of(answer) +
            "): a change that old readers cannot follow needs a new event type");
    if (answer.status == registry::unprocessable)
        throw SchemaRefused("the schema registry does not take the schema of the subject " + quote(subject) +
                            " (" + registry::reason_of(answer) + ")");
    return SchemaId{member<std::int32_t>(json_of(answer, what), "id", answer, what)};
}

std::string RegistrySubjects::schema(SchemaId id) {
    const std::string number = std::to_string(id.value);
    const std::string what = "about the schema with the id " + number;
    const HttpAnswer answer = http_->get("/schemas/ids/" + number);
    if (answer.status == registry::not_found)
        throw NotFound("the schema registry knows no schema with the id " + number);
    return member<std::string>(json_of(answer, what), "schema", answer, what);
}

void RegistrySubjects::abandon() noexcept { http_->abandon(); }

std::string RegistrySubjects::rule(std::string_view subject) {
    const std::string what = "about the rule of the subject " + quote(subject);
    HttpAnswer answer = http_->get("/config/" + http_->escaped(subject) + "?defaultToGlobal=true");
    if (answer.status == registry::not_found) answer = http_->get("/config");
    const Json json = json_of(answer, what);
    return member<std::string>(json, "compatibilityLevel", answer, what);
}

std::vector<std::string> RegistrySubjects::complaints(std::string_view subject, std::string_view schema) {
    const std::string what = "about a schema for the subject " + quote(subject);
    const HttpAnswer answer =
        http_->post("/compatibility/subjects/" + http_->escaped(subject) + "/versions?verbose=true",
                    Json{{"schema", schema}}.dump());
    if (answer.status == registry::not_found) return {};
    if (answer.status == registry::unprocessable) return {registry::reason_of(answer)};
    const Json json = json_of(answer, what);
    if (member<bool>(json, "is_compatible", answer, what)) return {};
    std::vector<std::string> complaints;
    if (const auto messages = json.find("messages"); messages != json.end() && messages->is_array())
        for (const Json& message : *messages)
            if (message.is_string()) complaints.push_back(message.get<std::string>());
    if (complaints.empty()) complaints.emplace_back("it is not compatible");
    return complaints;
}

}  // namespace eventbus
