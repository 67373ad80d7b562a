#include "eventbus/avro/schema_parser.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "eventbus/avro/default_values.hpp"
#include "eventbus/avro/least_size.hpp"
#include "eventbus/avro/limits.hpp"
#include "eventbus/avro/schema_names.hpp"
#include "eventbus/event/error.hpp"

namespace eventbus::avro {
namespace {

constexpr std::array primitives{Kind::null,   Kind::boolean, Kind::int_,  Kind::long_,
                                Kind::float_, Kind::double_, Kind::bytes, Kind::string};

std::optional<Kind> primitive_of(std::string_view name) {
    const auto* const found = std::find_if(primitives.begin(), primitives.end(),
                                           [name](Kind kind) { return to_string(kind) == name; });
    return found == primitives.end() ? std::nullopt : std::optional(*found);
}

[[noreturn]] void fail(const std::string& path, const std::string& what) {
    throw DecodeError("Avro schema" + (path.empty() ? "" : ", " + path) + ": " + what);
}

std::string member(const std::string& path, std::string_view name) {
    return path.empty() ? std::string(name) : path + "." + std::string(name);
}

std::string item(const std::string& path, std::size_t index) {
    return path + "[" + std::to_string(index) + "]";
}

const Json& required(const Json& object, const char* name, const std::string& path) {
    const auto found = object.find(name);
    if (found == object.end()) fail(path, std::string("\"") + name + "\" is missing");
    return *found;
}

const std::string& text_of(const Json& json, const std::string& path) {
    if (!json.is_string()) fail(path, "a string is needed");
    return json.get_ref<const std::string&>();
}

const Json::array_t& array_of(const Json& json, const std::string& path) {
    if (!json.is_array()) fail(path, "an array is needed");
    return json.get_ref<const Json::array_t&>();
}

/// `doc`, `logicalType`: used when it is a string, else ignored.
std::string optional_text(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

class SchemaParser {
  public:
    ParsedSchema parse(const Json& json) {
        parsed_.root = &type(json, "", "");
        set_least_sizes(parsed_.types);
        compile_defaults(parsed_.types);
        return std::move(parsed_);
    }

  private:
    const Schema& type(const Json& json, const std::string& space, const std::string& path) {
        if (json.is_string()) return named(json.get_ref<const std::string&>(), space, path);
        if (json.is_array()) return union_of(json, space, path);
        if (json.is_object()) return object(json, space, path);
        fail(path, "a type is a name, an object or an array (a union)");
    }

    const Schema& named(const std::string& name, const std::string& space, const std::string& path) {
        if (const auto kind = primitive_of(name)) return primitive(*kind);
        const auto found = names_.find(qualified(name, space));
        if (found == names_.end()) fail(path, "the type \"" + name + "\" is not known");
        return *found->second;
    }

    const Schema& primitive(Kind kind) {
        const Schema*& schema = primitives_.at(static_cast<std::size_t>(kind));
        if (schema == nullptr) schema = &add(kind, "");
        return *schema;
    }

    const Schema& object(const Json& json, const std::string& space, const std::string& path) {
        const Json& kind = required(json, "type", path);
        if (!kind.is_string()) return type(kind, space, member(path, "type"));
        const auto& name = kind.get_ref<const std::string&>();
        if (name == "record" || name == "error") return record(json, space, path);
        if (name == "enum") return enumeration(json, space, path);
        if (name == "fixed") return fixed(json, space, path);
        if (name == "array") return container(Kind::array, json, "items", space, path);
        if (name == "map") return container(Kind::map, json, "values", space, path);
        const std::string logical = optional_text(json, "logicalType");
        const auto base = primitive_of(name);
        if (!base || logical.empty()) return named(name, space, member(path, "type"));
        Schema& schema = add(*base, path);
        schema.logical_type = logical;
        return schema;
    }

    const Schema& container(Kind kind, const Json& json, const char* element, const std::string& space,
                            const std::string& path) {
        Schema& schema = add(kind, path);
        schema.logical_type = optional_text(json, "logicalType");
        schema.element = &type(required(json, element, path), space, member(path, element));
        return schema;
    }

    const Schema& union_of(const Json& json, const std::string& space, const std::string& path) {
        Schema& schema = add(Kind::union_, path);
        std::set<std::string_view> seen;
        for (const Json& branch_json : json) {
            const std::string at = item(path, schema.branches.size());
            const Schema& branch = type(branch_json, space, at);
            if (branch.kind == Kind::union_) fail(at, "a union may not directly hold a union");
            if (!seen.insert(branch.name()).second) {
                fail(at, "the union holds " + std::string(branch.name()) + " twice");
            }
            schema.branches.push_back(&branch);
        }
        if (schema.branches.empty()) fail(path, "a union without branches has no values");
        return schema;
    }

    const Schema& record(const Json& json, const std::string& space, const std::string& path) {
        Schema& schema = add_named(Kind::record, json, space, path);
        const std::string inner(namespace_of(schema.full_name));
        const std::string fields_path = member(path, "fields");
        std::set<std::string> names;
        // Fields are complete before they are added: a recursive type sees only whole ones.
        std::vector<Field> fields;
        for (const Json& field_json : array_of(required(json, "fields", path), fields_path)) {
            fields.push_back(field(field_json, inner, item(fields_path, fields.size())));
            if (!names.insert(fields.back().name).second) {
                fail(item(fields_path, fields.size() - 1),
                     "the field \"" + fields.back().name + "\" is there twice");
            }
        }
        schema.fields = std::move(fields);
        return schema;
    }

    Field field(const Json& json, const std::string& space, const std::string& path) {
        if (!json.is_object()) fail(path, "a field is an object");
        Field field;
        field.name = simple_name(required(json, "name", path), member(path, "name"));
        field.schema = &type(required(json, "type", path), space, member(path, "type"));
        field.doc = optional_text(json, "doc");
        if (const auto found = json.find("default"); found != json.end()) field.default_json = found->dump();
        if (const auto found = json.find("aliases"); found != json.end()) {
            const std::string at = member(path, "aliases");
            for (const Json& alias : array_of(*found, at)) {
                field.aliases.push_back(simple_name(alias, item(at, field.aliases.size())));
            }
        }
        return field;
    }

    const Schema& enumeration(const Json& json, const std::string& space, const std::string& path) {
        Schema& schema = add_named(Kind::enumeration, json, space, path);
        const std::string symbols_path = member(path, "symbols");
        std::set<std::string> seen;
        for (const Json& symbol : array_of(required(json, "symbols", path), symbols_path)) {
            const std::string at = item(symbols_path, schema.symbols.size());
            schema.symbols.push_back(simple_name(symbol, at));
            if (!seen.insert(schema.symbols.back()).second) fail(at, "the symbol is there twice");
        }
        if (const auto found = json.find("default"); found != json.end()) {
            schema.default_symbol = text_of(*found, member(path, "default"));
            if (!seen.contains(*schema.default_symbol)) {
                fail(member(path, "default"), "the default is none of the symbols");
            }
        }
        return schema;
    }

    const Schema& fixed(const Json& json, const std::string& space, const std::string& path) {
        Schema& schema = add_named(Kind::fixed, json, space, path);
        const Json& size = required(json, "size", path);
        if (!size.is_number_unsigned() ||
            size.get<std::uint64_t>() > std::numeric_limits<std::int32_t>::max()) {
            fail(member(path, "size"), "a whole number from 0 to 2147483647 is needed");
        }
        schema.size = size.get<std::size_t>();
        return schema;
    }

    Schema& add(Kind kind, const std::string& path) {
        if (parsed_.types.size() == max_schema_types) {
            fail(path, "more than " + std::to_string(max_schema_types) + " types");
        }
        Schema& schema = parsed_.types.emplace_back();
        schema.kind = kind;
        return schema;
    }

    Schema& add_named(Kind kind, const Json& json, const std::string& space, const std::string& path) {
        Schema& schema = add(kind, path);
        text_of(required(json, "name", path), member(path, "name"));
        if (const auto found = json.find("namespace"); found != json.end())
            text_of(*found, member(path, "namespace"));
        schema.full_name = checked_name(full_name_of(json, space), member(path, "name"));
        if (!names_.emplace(schema.full_name, &schema).second) {
            fail(path, "the type " + schema.full_name + " is defined twice");
        }
        schema.doc = optional_text(json, "doc");
        schema.logical_type = optional_text(json, "logicalType");
        if (const auto found = json.find("aliases"); found != json.end()) {
            const std::string at = member(path, "aliases");
            for (const Json& alias : array_of(*found, at)) {
                const std::string alias_path = item(at, schema.aliases.size());
                schema.aliases.push_back(checked_name(
                    qualified(text_of(alias, alias_path), namespace_of(schema.full_name)), alias_path));
            }
        }
        return schema;
    }

    std::string checked_name(std::string name, const std::string& path) {
        check_length(name, path);
        const NameVerdict verdict = judge_name(name);
        if (verdict == NameVerdict::illegal) fail_name(name, path);
        if (primitive_of(unqualified(name))) fail(path, "\"" + name + "\" is the name of a primitive type");
        if (verdict == NameVerdict::hyphen_in_namespace && !parsed_.illegal_name) parsed_.illegal_name = name;
        return name;
    }

    /// The name of a field or a symbol: one part.
    static const std::string& simple_name(const Json& json, const std::string& path) {
        const std::string& name = text_of(json, path);
        check_length(name, path);
        if (name.find('.') != std::string::npos || judge_name(name) != NameVerdict::legal)
            fail_name(name, path);
        return name;
    }

    static void check_length(const std::string& name, const std::string& path) {
        if (name.size() > max_name_bytes) {
            fail(path, "a name of more than " + std::to_string(max_name_bytes) + " bytes");
        }
    }

    [[noreturn]] static void fail_name(const std::string& name, const std::string& path) {
        fail(path, "\"" + name + "\" is no name: A-Z a-z 0-9 _ are allowed, and no digit first");
    }

    ParsedSchema parsed_;
    std::array<const Schema*, primitives.size()> primitives_{};
    std::map<std::string, const Schema*> names_;
};

}  // namespace

ParsedSchema parse_schema(const Json& json) { return SchemaParser().parse(json); }

}  // namespace eventbus::avro
