#include "eventbus/avro/schema_names.hpp"

#include <algorithm>

namespace eventbus::avro {
namespace {

bool is_name_start(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; }
bool is_name_character(char c) { return is_name_start(c) || (c >= '0' && c <= '9'); }

NameVerdict judge_part(std::string_view part, bool in_namespace) {
    if (part.empty() || !is_name_start(part.front())) return NameVerdict::illegal;
    auto verdict = NameVerdict::legal;
    for (const char c : part) {
        if (is_name_character(c)) continue;
        if (c != '-' || !in_namespace) return NameVerdict::illegal;
        verdict = NameVerdict::hyphen_in_namespace;
    }
    return verdict;
}

}  // namespace

std::string_view unqualified(std::string_view full_name) {
    const auto dot = full_name.rfind('.');
    return dot == std::string_view::npos ? full_name : full_name.substr(dot + 1);
}

std::string_view namespace_of(std::string_view full_name) {
    const auto dot = full_name.rfind('.');
    return dot == std::string_view::npos ? std::string_view() : full_name.substr(0, dot);
}

std::string qualified(std::string_view name, std::string_view space) {
    if (space.empty() || name.find('.') != std::string_view::npos) return std::string(name);
    return std::string(space).append(1, '.').append(name);
}

std::string full_name_of(const Json& definition, std::string_view enclosing) {
    const auto space = definition.find("namespace");
    return qualified(
        definition.at("name").get_ref<const std::string&>(),
        space == definition.end() ? enclosing : std::string_view(space->get_ref<const std::string&>()));
}

NameVerdict judge_name(std::string_view full_name) {
    auto verdict = NameVerdict::legal;
    while (true) {
        const auto dot = full_name.find('.');
        const bool in_namespace = dot != std::string_view::npos;
        verdict = std::max(verdict, judge_part(full_name.substr(0, dot), in_namespace));
        if (!in_namespace) return verdict;
        full_name.remove_prefix(dot + 1);
    }
}

}  // namespace eventbus::avro
