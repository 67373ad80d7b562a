#include "eventbus/registry/compatibility.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "eventbus/avro/resolution.hpp"
#include "eventbus/avro/schema.hpp"
#include "eventbus/event/error.hpp"

namespace eventbus {

namespace {

constexpr std::array<std::pair<std::string_view, Compatibility>, 7> names{
    {{"NONE", {}},
     {"BACKWARD", {.forward = false, .backward = true, .transitive = false}},
     {"BACKWARD_TRANSITIVE", {.forward = false, .backward = true, .transitive = true}},
     {"FORWARD", {.forward = true, .backward = false, .transitive = false}},
     {"FORWARD_TRANSITIVE", {.forward = true, .backward = false, .transitive = true}},
     {"FULL", {.forward = true, .backward = true, .transitive = false}},
     {"FULL_TRANSITIVE", {.forward = true, .backward = true, .transitive = true}}}};

std::shared_ptr<const avro::SchemaDocument> parse_if_possible(const std::string& schema) {
    try {
        return avro::SchemaDocument::parse(schema);
    } catch (const DecodeError&) {
        return nullptr;
    }
}

void add(std::vector<std::string>& problems, const std::string& whose,
         const std::vector<std::string>& found) {
    for (const std::string& problem : found) {
        std::string sentence = whose;
        sentence.append(": ").append(problem);
        problems.push_back(std::move(sentence));
    }
}

}  // namespace

std::optional<Compatibility> Compatibility::by_name(std::string_view name) {
    const auto* const found =
        std::find_if(names.begin(), names.end(), [&](const auto& one) { return one.first == name; });
    return found == names.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::string> incompatibilities(std::string_view schema, std::span<const SchemaVersion> versions,
                                           const Compatibility& wanted) {
    std::vector<std::string> problems;
    const auto ours = avro::SchemaDocument::parse(schema);
    if (!wanted.transitive && versions.size() > 1) versions = versions.last(1);
    for (const SchemaVersion& version : versions) {
        const auto theirs = parse_if_possible(version.schema);
        if (!theirs) continue;
        const std::string number = "version " + std::to_string(version.version);
        if (wanted.forward)
            add(problems, number + " cannot read it", avro::incompatibilities(ours->root(), theirs->root()));
        if (wanted.backward)
            add(problems, "it cannot read " + number, avro::incompatibilities(theirs->root(), ours->root()));
    }
    return problems;
}

}  // namespace eventbus
