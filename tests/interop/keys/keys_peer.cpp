// Answers requests of the test beside opaque_keys: on each line of standard input a JSON object with a kind
// and a list of texts, on each line of standard output the list of what they are in full, null where they are
// refused.
#include <functional>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "eventbus/event/error.hpp"
#include "eventbus/event/keys.hpp"
#include "eventbus/event/timestamp.hpp"
#include "eventbus/event/uuid.hpp"

namespace {

using Json = nlohmann::json;
using Canonical = std::function<std::string(const std::string&)>;

template <class Key>
Canonical of_key() {
    return [](const std::string& text) { return Key::parse(text).str(); };
}

const std::map<std::string, Canonical>& kinds() {
    static const std::map<std::string, Canonical> all{
        {"CourseKey", of_key<eventbus::CourseKey>()},
        {"CCXLocator", of_key<eventbus::CcxLocator>()},
        {"UsageKey", of_key<eventbus::UsageKey>()},
        {"LibraryLocatorV2", of_key<eventbus::LibraryLocatorV2>()},
        {"LibraryUsageLocatorV2", of_key<eventbus::LibraryUsageLocatorV2>()},
        {"LibraryCollectionLocator", of_key<eventbus::LibraryCollectionLocator>()},
        {"LibraryContainerLocator", of_key<eventbus::LibraryContainerLocator>()},
        {"datetime",
         [](const std::string& text) { return eventbus::to_iso8601(eventbus::parse_iso8601(text)); }},
        {"UUID", [](const std::string& text) { return eventbus::Uuid::parse(text).to_string(); }},
    };
    return all;
}

Json answer(const Json& request) {
    const auto kind = kinds().find(request.at("kind").get<std::string>());
    if (kind == kinds().end()) return {{"broken", "unknown kind"}};
    Json results = Json::array();
    for (const Json& text : request.at("texts")) {
        try {
            results.push_back(kind->second(text.get<std::string>()));
        } catch (const eventbus::InvalidValue&) {
            results.push_back(nullptr);
        }
    }
    return {{"results", results}};
}

}  // namespace

int main() {
    std::string line;
    while (std::getline(std::cin, line)) std::cout << answer(Json::parse(line)).dump() << std::endl;
}
