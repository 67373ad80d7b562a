#include "eventbus/avro/schema_text.hpp"

#include "eventbus/avro/schema_names.hpp"

namespace eventbus::avro {
namespace {

bool defines_a_name(const Json& json) {
    const auto kind = json.find("type");
    return kind != json.end() &&
           (*kind == "record" || *kind == "error" || *kind == "enum" || *kind == "fixed");
}

void append_registered(std::string& out, const Json& json) {
    const std::string_view ends = json.is_object() ? "{}" : "[]";
    if (!json.is_structured()) {
        out += json.dump(-1, ' ', true);
        return;
    }
    out += ends[0];
    const char* separator = "";
    for (const auto& [name, value] : json.items()) {
        out += separator;
        separator = ", ";
        if (json.is_object()) out += Json(name).dump(-1, ' ', true) + ": ";
        append_registered(out, value);
    }
    out += ends[1];
}

}  // namespace

SchemaExcerpt::SchemaExcerpt(const Json& whole) { collect(whole, ""); }

const SchemaExcerpt::Definition* SchemaExcerpt::find(std::string_view name, const std::string& space) const {
    const auto found = definitions_.find(qualified(name, space));
    return found == definitions_.end() ? nullptr : &found->second;
}

void SchemaExcerpt::collect(const Json& json, const std::string& space) {
    if (json.is_array()) {
        for (const Json& branch : json) collect(branch, space);
    }
    if (!json.is_object()) return;
    std::string inner = space;
    if (defines_a_name(json)) {
        const std::string name = full_name_of(json, space);
        inner = namespace_of(name);
        definitions_.emplace(name, Definition{&json, space});
    }
    for (const char* part : {"type", "items", "values"}) {
        if (const auto found = json.find(part); found != json.end()) collect(*found, inner);
    }
    if (const auto fields = json.find("fields"); fields != json.end()) {
        for (const Json& field : *fields) collect(field.at("type"), inner);
    }
}

Json SchemaExcerpt::take(const Json& part, const std::string& space) {
    if (part.is_string()) {
        const auto& name = part.get_ref<const std::string&>();
        const Definition* found = find(name, space);
        if (found == nullptr) return part;
        return written_.contains(qualified(name, space)) ? Json(qualified(name, space))
                                                         : definition(*found->json, found->space);
    }
    if (part.is_array()) {
        Json branches = Json::array();
        for (const Json& branch : part) branches.push_back(take(branch, space));
        return branches;
    }
    if (defines_a_name(part)) return definition(part, space);
    Json copy = part;
    for (const char* inner : {"items", "values"}) {
        if (const auto found = copy.find(inner); found != copy.end()) *found = take(part.at(inner), space);
    }
    if (Json& kind = copy.at("type"); kind != "array" && kind != "map") kind = take(part.at("type"), space);
    return copy;
}

Json SchemaExcerpt::definition(const Json& json, const std::string& space) {
    const std::string name = full_name_of(json, space);
    const std::string inner(namespace_of(name));
    written_.insert(name);
    Json copy = json;
    copy["name"] = std::string(unqualified(name));
    copy["namespace"] = inner;
    if (inner.empty() && !json.contains("namespace")) copy.erase("namespace");
    if (const auto fields = copy.find("fields"); fields != copy.end()) {
        for (std::size_t i = 0; i < fields->size(); ++i) {
            (*fields)[i]["type"] = take(json.at("fields")[i].at("type"), inner);
        }
    }
    return copy;
}

std::string registered_text(const Json& json) {
    std::string text;
    append_registered(text, json);
    return text;
}

}  // namespace eventbus::avro
