#include "eventbus/avro/field_path.hpp"

#include <algorithm>
#include <utility>

#include "eventbus/avro/json_text.hpp"
#include "eventbus/avro/json_view.hpp"
#include "eventbus/avro/limits.hpp"
#include "eventbus/avro/reader.hpp"
#include "eventbus/avro/schema_names.hpp"
#include "eventbus/avro/schema_text.hpp"
#include "eventbus/avro/skip.hpp"
#include "eventbus/event/error.hpp"

namespace eventbus::avro {
namespace {

/// Calls `use` with each name of a path.
template <class Use>
void for_each_name(std::string_view path, Use use) {
    while (true) {
        const auto dot = path.find('.');
        use(path.substr(0, dot));
        if (dot == std::string_view::npos) return;
        path.remove_prefix(dot + 1);
    }
}

/// The branch that is not null in a union of null and one type, or of one type alone.
std::optional<std::size_t> only_branch(const Schema& schema) {
    if (schema.kind != Kind::union_) return std::nullopt;
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < schema.branches.size(); ++i) {
        if (schema.branches[i]->kind == Kind::null) continue;
        if (found) return std::nullopt;
        found = i;
    }
    return found;
}

std::string names_of(const Schema& record) {
    std::string names;
    for (const Field& field : record.fields) names.append(names.empty() ? "" : ", ").append(field.name);
    return names.empty() ? "none" : names;
}

/// A type's JSON and the namespace that it stands in.
struct Place {
    const Json* json;
    std::string space;
};

/// Follows names and wrapping objects to a definition, as the parsed schema has done before.
Place definition_of(Place place, const SchemaExcerpt& excerpt) {
    while (true) {
        if (place.json->is_string()) {
            const auto* found = excerpt.find(place.json->get_ref<const std::string&>(), place.space);
            if (found == nullptr) return place;
            place = {found->json, found->space};
        }
        const auto kind = place.json->is_object() ? place.json->find("type") : place.json->end();
        if (kind == place.json->end() || (kind->is_string() && place.json->contains("name"))) return place;
        if (kind->is_string() && excerpt.find(kind->get_ref<const std::string&>(), place.space) == nullptr)
            return place;
        place.json = &*kind;
    }
}

}  // namespace

FieldPath::FieldPath(std::shared_ptr<const SchemaDocument> schema, std::string_view path)
    : schema_(std::move(schema)) {
    compile(path);
    value_schema_json_ = registered_schema(path);
}

void FieldPath::compile(std::string_view path) {
    value_schema_ = &schema_->root();
    for_each_name(path, [&](std::string_view name) {
        const Step step = step_to(name, path);
        steps_.push_back(step);
        const Schema& type = *step.record->fields[step.field].schema;
        value_schema_ = step.nullable == nullptr ? &type : type.branches[step.branch];
    });
}

FieldPath::Step FieldPath::step_to(std::string_view name, std::string_view path) const {
    const Schema& record = *value_schema_;
    const std::string subject = "field path \"" + std::string(path) + "\": ";
    if (record.kind != Kind::record) {
        throw InvalidValue(subject + "there is no \"" + std::string(name) + "\" in a value of type " +
                           std::string(record.name()) + "; only records have fields");
    }
    const auto field = std::find_if(record.fields.begin(), record.fields.end(),
                                    [name](const Field& candidate) { return candidate.name == name; });
    if (field == record.fields.end()) {
        throw InvalidValue(subject + record.full_name + " has no field \"" + std::string(name) +
                           "\"; its fields are: " + names_of(record));
    }
    const auto index = static_cast<std::size_t>(field - record.fields.begin());
    const auto branch = only_branch(*field->schema);
    return Step{&record, index, branch ? field->schema : nullptr, branch.value_or(0)};
}

std::optional<std::span<const std::byte>> FieldPath::locate(std::span<const std::byte> body) const {
    Reader reader(body);
    std::size_t depth = 0;
    for (const Step& step : steps_) {
        ++depth;
        for (std::size_t i = 0; i < step.field; ++i) skip(reader, *step.record->fields[i].schema, depth);
        if (step.nullable == nullptr) continue;
        if (reader.read_branch(step.nullable->branches.size()) != step.branch) return std::nullopt;
    }
    if (value_schema_->kind == Kind::null) return std::nullopt;
    const std::size_t start = reader.offset();
    skip(reader, *value_schema_, depth);
    return reader.since(start);
}

const Schema& FieldPath::value_schema() const { return *value_schema_; }

const std::string& FieldPath::value_schema_json() const { return value_schema_json_; }

std::string FieldPath::registered_schema(std::string_view path) const {
    const Json whole = parse_json(schema_->json(), "Avro schema", max_schema_bytes);
    SchemaExcerpt excerpt(whole);
    Place place{&whole, ""};
    const Json* field_json = nullptr;
    auto step = steps_.begin();
    for_each_name(path, [&](std::string_view /*name*/) {
        place = definition_of(place, excerpt);
        const std::string space(namespace_of(full_name_of(*place.json, place.space)));
        field_json = &place.json->at("fields")[step->field];
        place = {&field_json->at("type"), space};
        if (step->nullable != nullptr) {
            place = definition_of(place, excerpt);
            place.json = &(*place.json)[step->branch];
        }
        ++step;
    });
    const bool is_plain =
        place.json->is_string() && excerpt.find(place.json->get<std::string>(), place.space) == nullptr;
    if (!is_plain) return registered_text(excerpt.take(*place.json, place.space));
    Json field = *field_json;
    field["type"] = *place.json;
    if (steps_.back().nullable != nullptr) field.erase("default");
    return registered_text(field);
}

void FieldPath::append_text(std::string& out, std::span<const std::byte> value) const {
    if (value_schema_->kind != Kind::string) return append_json(out, *value_schema_, value);
    Reader reader(value);
    const std::string_view text = reader.read_string();
    reader.expect_end();
    out += text;
}

}  // namespace eventbus::avro
