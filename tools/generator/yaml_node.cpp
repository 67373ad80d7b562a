#include "yaml_node.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "eventbus/event/nearest.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus::generator {

Place place_of(const YAML::Node& node) {
    const YAML::Mark mark = node.Mark();
    if (mark.is_null()) return {};
    return {mark.line + 1, mark.column + 1};
}

Mapping::Mapping(const YAML::Node& node, std::string what, Diagnostics& diagnostics)
    : node_(node), what_(std::move(what)), diagnostics_(diagnostics), valid_(node.IsMap()) {
    if (!valid_) {
        diagnostics_.error(generator::place_of(node), what_ + " must be a mapping");
        return;
    }
    std::set<std::string> names;
    for (const auto& member : node_) {
        if (!member.first.IsScalar()) {
            diagnostics_.error(generator::place_of(member.first), "a name in " + what_ + " must be text");
        } else if (!names.insert(member.first.Scalar()).second) {
            diagnostics_.error(generator::place_of(member.first),
                               quote(member.first.Scalar()) + " stands twice in " + what_);
        }
    }
}

Place Mapping::place() const { return generator::place_of(node_); }

std::optional<YAML::Node> Mapping::node(const std::string& member) const {
    if (!valid_) return std::nullopt;
    for (const auto& entry : node_)
        if (entry.first.IsScalar() && entry.first.Scalar() == member) return entry.second;
    return std::nullopt;
}

Place Mapping::place_of(const std::string& member) const {
    const auto found = node(member);
    return found ? generator::place_of(*found) : place();
}

std::string Mapping::required_text(const std::string& member) {
    if (!valid_) return {};
    const auto found = node(member);
    if (!found) {
        diagnostics_.error(place(), what_ + " has no " + quote(member));
        return {};
    }
    std::string text = optional_text(member);
    if (text.empty() && found->IsScalar())
        diagnostics_.error(generator::place_of(*found),
                           quote(member) + " of " + what_ + " must not be empty");
    return text;
}

std::string Mapping::optional_text(const std::string& member) {
    const auto found = node(member);
    if (!found) return {};
    if (!found->IsScalar()) {
        diagnostics_.error(generator::place_of(*found), quote(member) + " of " + what_ + " must be text");
        return {};
    }
    return found->Scalar();
}

bool Mapping::flag(const std::string& member, bool otherwise) {
    const auto found = node(member);
    if (!found) return otherwise;
    const std::string text = found->IsScalar() ? found->Scalar() : std::string();
    if (text == "true") return true;
    if (text != "false")
        diagnostics_.error(generator::place_of(*found),
                           quote(member) + " of " + what_ + " must be true or false");
    return false;
}

std::int32_t Mapping::number(const std::string& member, std::int32_t otherwise) {
    const auto found = node(member);
    if (!found) return otherwise;
    std::int32_t value = 0;
    if (!found->IsScalar() || !YAML::convert<std::int32_t>::decode(*found, value) || value < 0)
        diagnostics_.error(generator::place_of(*found),
                           quote(member) + " of " + what_ + " must be a whole number from 0");
    return value;
}

void Mapping::refuse_others(std::span<const std::string_view> known) {
    if (!valid_) return;
    for (const auto& entry : node_) {
        if (diagnostics_.is_full()) return;
        if (!entry.first.IsScalar()) continue;
        const std::string& name = entry.first.Scalar();
        if (std::find(known.begin(), known.end(), name) != known.end()) continue;
        const std::string_view near = nearest_name(name, known);
        diagnostics_.error(generator::place_of(entry.first),
                           "unknown member " + quote(name) + " of " + what_ +
                               (near.empty() ? std::string() : "; did you mean " + quote(near) + "?"));
    }
}

}  // namespace eventbus::generator
