#include "yaml_reader.hpp"

#include <array>
#include <cmath>

#include "checks.hpp"
#include "eventbus/event/quote.hpp"
#include "type_name.hpp"
#include "yaml_node.hpp"
#include "yaml_text.hpp"

namespace eventbus::generator {

namespace {

constexpr std::size_t most_definitions = 1000;

// The built-in types, as a message tells them.
std::string type_names() {
    std::string names;
    for (const std::string_view name : builtin_types()) names.append(name).append(", ");
    return names + "list<T>, map<T> and the names of records";
}

class Reader {
  public:
    explicit Reader(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

    Subdomain read(const YAML::Node& root) {
        Mapping file(root, "the file", diagnostics_);
        Subdomain subdomain;
        if (!file.valid()) return subdomain;
        constexpr std::array<std::string_view, 6> known{"subdomain",   "namespace", "python_module",
                                                        "description", "records",   "events"};
        file.refuse_others(known);
        subdomain.name = file.required_text("subdomain");
        if (!subdomain.name.empty() && !is_identifier(subdomain.name))
            diagnostics_.error(file.place_of("subdomain"),
                               quote(subdomain.name) + " is no name: use letters, digits and _");
        subdomain.cpp_namespace = file.required_text("namespace");
        subdomain.namespace_place = file.place_of("namespace");
        subdomain.python_module = file.optional_text("python_module");
        subdomain.description = file.required_text("description");
        if (const auto records = file.node("records")) read_records(*records, subdomain);
        if (const auto events = file.node("events")) {
            read_events(*events, subdomain);
        } else {
            diagnostics_.error(file.place(), "the file has no \"events\"");
        }
        return subdomain;
    }

  private:
    bool is_small_enough(const YAML::Node& node, const std::string& what) {
        if (node.size() <= most_definitions) return true;
        diagnostics_.error(place_of(node), "more than " + std::to_string(most_definitions) + " " + what +
                                               "; divide them among several files");
        return false;
    }

    void read_records(const YAML::Node& node, Subdomain& subdomain) {
        const Mapping records(node, "\"records\"", diagnostics_);
        if (!records.valid() || !is_small_enough(node, "records")) return;
        for (const auto& entry : node) {
            if (!entry.first.IsScalar()) continue;
            Record record;
            record.name = entry.first.Scalar();
            record.place = place_of(entry.first);
            const std::string what = "the record " + quote(record.name);
            Mapping members(entry.second, what, diagnostics_);
            constexpr std::array<std::string_view, 2> known{"description", "fields"};
            members.refuse_others(known);
            record.description = members.required_text("description");
            if (const auto fields = members.node("fields")) {
                record.fields = read_fields(*fields, what, true);
            } else if (members.valid()) {
                diagnostics_.error(record.place, what + " has no \"fields\"");
            }
            subdomain.records.push_back(std::move(record));
        }
    }

    void read_events(const YAML::Node& node, Subdomain& subdomain) {
        const Mapping events(node, "\"events\"", diagnostics_);
        if (!events.valid() || !is_small_enough(node, "events")) return;
        for (const auto& entry : node)
            if (entry.first.IsScalar()) subdomain.events.push_back(read_event(entry.first, entry.second));
    }

    Event read_event(const YAML::Node& name, const YAML::Node& node) {
        Event event;
        event.constant = name.Scalar();
        event.place = place_of(name);
        const std::string what = "the event " + quote(event.constant);
        Mapping members(node, what, diagnostics_);
        constexpr std::array<std::string_view, 7> known{"type",
                                                        "minor_version",
                                                        "description",
                                                        "key_field",
                                                        "openedx_events_serializes",
                                                        "legal_avro_namespace",
                                                        "data"};
        members.refuse_others(known);
        event.type = members.required_text("type");
        event.type_place = members.place_of("type");
        event.minor_version = members.number("minor_version", 0);
        event.description = members.required_text("description");
        event.key_field = members.optional_text("key_field");
        event.key_field_place = members.place_of("key_field");
        event.openedx_events_serializes = members.flag("openedx_events_serializes", true);
        event.legal_avro_namespace = members.flag("legal_avro_namespace", true);
        if (const auto data = members.node("data")) {
            event.data = read_fields(*data, what, false);
        } else if (members.valid()) {
            diagnostics_.error(event.place, what + " has no \"data\"");
        }
        return event;
    }

    // The members of an event's data are always there, so they have no defaults.
    std::vector<Field> read_fields(const YAML::Node& node, const std::string& owner, bool may_have_defaults) {
        std::vector<Field> fields;
        const Mapping all(node, "the fields of " + owner, diagnostics_);
        if (!all.valid()) return fields;
        for (const auto& entry : node)
            if (entry.first.IsScalar())
                fields.push_back(read_field(entry.first, entry.second, owner, may_have_defaults));
        if (fields.empty()) diagnostics_.error(place_of(node), owner + " has no fields");
        return fields;
    }

    Field read_field(const YAML::Node& name, const YAML::Node& node, const std::string& owner,
                     bool may_have_defaults) {
        Field field;
        field.name = name.Scalar();
        field.place = place_of(name);
        const std::string what = "the field " + quote(field.name) + " of " + owner;
        Mapping members(node, what, diagnostics_);
        constexpr std::array<std::string_view, 5> in_records{"type", "nullable", "default", "personal",
                                                             "description"};
        const std::span<const std::string_view> known(in_records);
        if (may_have_defaults) {
            members.refuse_others(known);
        } else {
            constexpr std::array<std::string_view, 3> in_events{"type", "personal", "description"};
            members.refuse_others(in_events);
        }
        const std::string type = members.required_text("type");
        if (auto parsed = parse_type(type)) {
            field.type = std::move(*parsed);
        } else if (!type.empty()) {
            diagnostics_.error(members.place_of("type"),
                               quote(type) + " is no type; types are " + type_names());
        }
        field.description = members.optional_text("description");
        field.personal = members.flag("personal", false);
        field.nullable = members.flag("nullable", false);
        if (const auto fallback = members.node("default")) read_default(*fallback, what, field);
        return field;
    }

    void read_default(const YAML::Node& node, const std::string& what, Field& field) {
        if (field.nullable) {
            diagnostics_.error(place_of(node),
                               what + " is nullable, so its default is null: leave \"default\" out");
            return;
        }
        if (field.type.shape == Shape::bytes || field.type.shape == Shape::scalar_text ||
            field.type.shape == Shape::record) {
            diagnostics_.error(place_of(node), what +
                                                   " is of a type without defaults; where it may be absent, "
                                                   "say nullable: true");
            return;
        }
        Default value;
        if (parse_default(node, field.type, value)) {
            field.fallback = std::move(value);
        } else {
            diagnostics_.error(place_of(node),
                               "the default of " + what + " is no " + needed_for_default(field.type));
        }
    }

    static std::string needed_for_default(const Type& type) {
        switch (type.shape) {
            case Shape::boolean:
                return "bool: write true or false";
            case Shape::integer:
                return "int: write a whole number of 64 bits";
            case Shape::floating:
                return "float: write a finite number";
            case Shape::list:
                return "empty list, the only default of a list: write []";
            case Shape::map:
                return "empty map, the only default of a map: write {}";
            default:
                return type.name;
        }
    }

    static bool parse_default(const YAML::Node& node, const Type& type, Default& value) {
        switch (type.shape) {
            case Shape::boolean:
                value.kind = Default::Kind::boolean;
                value.boolean = node.IsScalar() && node.Scalar() == "true";
                return node.IsScalar() && (node.Scalar() == "true" || node.Scalar() == "false");
            case Shape::integer:
                value.kind = Default::Kind::integer;
                return node.IsScalar() && YAML::convert<std::int64_t>::decode(node, value.integer);
            case Shape::floating:
                value.kind = Default::Kind::floating;
                return node.IsScalar() && YAML::convert<double>::decode(node, value.floating) &&
                       std::isfinite(value.floating);
            case Shape::text:
                value.kind = Default::Kind::text;
                if (node.IsScalar()) value.text = node.Scalar();
                return node.IsScalar();
            case Shape::list:
                value.kind = Default::Kind::empty_list;
                return node.IsSequence() && node.size() == 0;
            case Shape::map:
                value.kind = Default::Kind::empty_map;
                return node.IsMap() && node.size() == 0;
            case Shape::bytes:
            case Shape::scalar_text:
            case Shape::record:
                return false;
        }
        return false;
    }

    Diagnostics& diagnostics_;
};

}  // namespace

std::optional<Subdomain> read_yaml(std::string_view text, Diagnostics& diagnostics) {
    const auto root = parse_yaml(text, diagnostics);
    if (!root) return std::nullopt;
    Subdomain subdomain = Reader(diagnostics).read(*root);
    if (!diagnostics.has_errors()) check(subdomain, diagnostics);
    if (diagnostics.has_errors()) return std::nullopt;
    return subdomain;
}

}  // namespace eventbus::generator
