#include "eventbus/registry/answer.hpp"

#include "eventbus/event/error.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus::registry {

namespace {

using Json = nlohmann::json;

constexpr long unauthorized = 401;
constexpr long forbidden = 403;

}  // namespace

std::string reason_of(const HttpAnswer& answer) {
    const Json json = Json::parse(answer.body, nullptr, false);
    std::string status = "status " + std::to_string(answer.status);
    if (!json.is_object() || !json.contains("message") || !json["message"].is_string()) return status;
    return status + ", " + quote(json["message"].get<std::string>());
}

void refuse_strangers(const HttpAnswer& answer) {
    if (answer.status == unauthorized || answer.status == forbidden)
        throw BrokerError(
            "the schema registry turns us away (" + reason_of(answer) +
                "); check EVENT_BUS_KAFKA_SCHEMA_REGISTRY_API_KEY and _API_SECRET, and what that "
                "user may do",
            false);
}

void cannot_understand(const std::string& what, const HttpAnswer& answer) {
    throw DecodeError("the schema registry's answer " + what + " cannot be understood (" + reason_of(answer) +
                      "): " + quote(answer.body));
}

Json json_of(const HttpAnswer& answer, const std::string& what) {
    refuse_strangers(answer);
    Json json = Json::parse(answer.body, nullptr, false);
    if (answer.status != success || json.is_discarded()) cannot_understand(what, answer);
    return json;
}

}  // namespace eventbus::registry
