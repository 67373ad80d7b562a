#include "eventbus/avro/json_encoder.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "eventbus/avro/base64.hpp"
#include "eventbus/avro/limits.hpp"
#include "eventbus/avro/reader.hpp"
#include "eventbus/event/error.hpp"

namespace eventbus::avro {

/// Where in the document we are, as a chain of frames on the stack: text is made only for an error.
struct JsonEncoder::Path {
    const Path* parent = nullptr;
    std::string_view name;
    std::size_t index = 0;
    enum class Step { root, member, entry, item } step = Step::root;

    [[nodiscard]] std::string text() const {
        if (step == Step::root) return "";
        std::string before = parent->text();
        if (step == Step::item) return before + "[" + std::to_string(index) + "]";
        if (step == Step::entry) return before + "[" + Json(name).dump() + "]";
        return before.empty() ? std::string(name) : before + "." + std::string(name);
    }
};

namespace {

/// What a value is, without the text of strings, which may be personal.
std::string found_text(const Json& json) {
    switch (json.type()) {
        case Json::value_t::null:
            return "null";
        case Json::value_t::boolean:
            return json.get<bool>() ? "true" : "false";
        case Json::value_t::string:
            return "a string";
        case Json::value_t::array:
            return "an array";
        case Json::value_t::object:
            return "an object";
        default:
            return "the number " + json.dump();
    }
}

template <class Path>
[[noreturn]] void fail(const Path& path, const std::string& what) {
    const std::string at = path.text();
    throw InvalidValue(at.empty() ? what : at + ": " + what);
}

template <class Path>
[[noreturn]] void fail_type(const Path& path, const Json& json, const std::string& needed) {
    fail(path, "found " + found_text(json) + ", needed is " + needed);
}

std::string list_of(const std::vector<std::string>& names) {
    constexpr std::size_t most = 30;
    std::string text;
    for (std::size_t i = 0; i < std::min(names.size(), most); ++i)
        text.append(i == 0 ? "" : ", ").append(names[i]);
    return names.size() > most ? text + ", ..." : text;
}

std::string fields_of(const Schema& schema) {
    if (schema.fields.empty()) return "it has no fields";
    std::vector<std::string> names;
    for (const Field& field : schema.fields) names.push_back(field.name);
    return "its fields are " + list_of(names);
}

std::string branches_of(const Schema& schema) {
    std::vector<std::string> names;
    for (const Schema* branch : schema.branches) names.emplace_back(branch->name());
    return "one of " + list_of(names);
}

/// The integer, if it is one and fits the schema's int or long.
std::optional<std::int64_t> integer_in_range(const Schema& schema, const Json& json) {
    constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (!json.is_number_integer()) return std::nullopt;
    if (json.is_number_unsigned() && json.get<std::uint64_t>() > largest) return std::nullopt;
    const auto value = json.get<std::int64_t>();
    if (schema.kind == Kind::int_ && (value < INT32_MIN || value > INT32_MAX)) return std::nullopt;
    return value;
}

/// A number, or the name of one that JSON cannot write.
std::optional<double> real_number(const Json& json) {
    if (json.is_number()) return json.get<double>();
    if (!json.is_string()) return std::nullopt;
    const auto& name = json.get_ref<const std::string&>();
    if (name == "NaN") return std::numeric_limits<double>::quiet_NaN();
    if (name == "Infinity") return std::numeric_limits<double>::infinity();
    if (name == "-Infinity") return -std::numeric_limits<double>::infinity();
    return std::nullopt;
}

std::optional<std::size_t> symbol_index(const Schema& schema, const Json& json) {
    if (!json.is_string()) return std::nullopt;
    const auto found =
        std::find(schema.symbols.begin(), schema.symbols.end(), json.get_ref<const std::string&>());
    if (found == schema.symbols.end()) return std::nullopt;
    return static_cast<std::size_t>(found - schema.symbols.begin());
}

bool fits_float(double value) { return !std::isfinite(value) || std::isfinite(static_cast<float>(value)); }

/// U+0000 to U+00FF as the bytes 0 to 255; false when there is another character.
bool decode_code_points(const std::string& text, std::vector<std::byte>& decoded) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto c = static_cast<unsigned char>(text[i]);
        if (c > 0x7F) {
            if ((c != 0xC2 && c != 0xC3) || i + 1 == text.size()) return false;
            c = static_cast<unsigned char>(((c & 0x03U) << 6U) |
                                           (static_cast<unsigned char>(text[++i]) & 0x3FU));
        }
        decoded.push_back(static_cast<std::byte>(c));
    }
    return true;
}

}  // namespace

void JsonEncoder::encode(const Schema& schema, const Json& json, std::size_t depth) {
    value(schema, json, depth, Path{});
}

void JsonEncoder::value(const Schema& schema, const Json& json, std::size_t depth, const Path& path) {
    if (out_.size() > end_) fail(path, "the encoded value is too large");
    switch (schema.kind) {
        case Kind::null:
            if (!json.is_null()) fail_type(path, json, "null");
            return;
        case Kind::boolean:
            if (!json.is_boolean()) fail_type(path, json, "true or false");
            return writer_.write_boolean(json.get<bool>());
        case Kind::int_:
        case Kind::long_:
            return integer(schema, json, path);
        case Kind::float_:
        case Kind::double_:
            return number(schema, json, path);
        case Kind::bytes:
        case Kind::fixed:
            return bytes(schema, json, path);
        case Kind::string:
            if (!json.is_string()) fail_type(path, json, "a string");
            return writer_.write_string(json.get_ref<const std::string&>());
        case Kind::enumeration:
            return enumeration(schema, json, path);
        case Kind::union_:
            return union_of(schema, json, depth, path);
        case Kind::array:
            return array(schema, json, depth + 1, path);
        case Kind::map:
            return map(schema, json, depth + 1, path);
        case Kind::record:
            return record(schema, json, depth + 1, path);
    }
}

void JsonEncoder::integer(const Schema& schema, const Json& json, const Path& path) {
    const auto value = integer_in_range(schema, json);
    if (!value) {
        fail_type(path, json,
                  schema.kind == Kind::int_ ? "a whole number of 32 bits (int)"
                                            : "a whole number of 64 bits (long)");
    }
    writer_.write_long(*value);
}

void JsonEncoder::number(const Schema& schema, const Json& json, const Path& path) {
    const auto value = real_number(json);
    if (!value) fail_type(path, json, "a number, \"NaN\", \"Infinity\" or \"-Infinity\"");
    if (schema.kind == Kind::double_) return writer_.write_double(*value);
    if (!fits_float(*value)) fail_type(path, json, "a number in the range of a float");
    writer_.write_float(static_cast<float>(*value));
}

bool JsonEncoder::decode_bytes(const std::string& text, std::vector<std::byte>& decoded) const {
    if (bytes_ == Bytes::code_points) return decode_code_points(text, decoded);
    auto bytes = decode_base64(text);
    if (!bytes) return false;
    decoded = std::move(*bytes);
    return true;
}

std::string JsonEncoder::needed_for_bytes(const Schema& schema) const {
    std::string text =
        bytes_ == Bytes::base64 ? "bytes in base64" : "a string of the characters U+0000 to U+00FF";
    if (schema.kind == Kind::fixed) text += " (exactly " + std::to_string(schema.size) + " bytes)";
    return text;
}

void JsonEncoder::bytes(const Schema& schema, const Json& json, const Path& path) {
    std::vector<std::byte> decoded;
    if (!json.is_string() || !decode_bytes(json.get_ref<const std::string&>(), decoded) ||
        (schema.kind == Kind::fixed && decoded.size() != schema.size)) {
        fail_type(path, json, needed_for_bytes(schema));
    }
    if (schema.kind == Kind::fixed) return writer_.write_raw(decoded);
    writer_.write_bytes(decoded);
}

void JsonEncoder::enumeration(const Schema& schema, const Json& json, const Path& path) {
    const auto symbol = symbol_index(schema, json);
    if (!symbol) fail_type(path, json, "one of " + list_of(schema.symbols));
    writer_.write_long(static_cast<std::int64_t>(*symbol));
}

void JsonEncoder::array(const Schema& schema, const Json& json, std::size_t depth, const Path& path) {
    if (!json.is_array()) fail_type(path, json, "an array");
    if (depth > max_depth) fail(path, "nested too deep");
    if (schema.element->least_size == 0 && json.size() > Reader::max_empty_values)
        fail(path, "too many empty values");
    if (!json.empty()) writer_.write_block(json.size());
    Path item{&path, {}, 0, Path::Step::item};
    for (const Json& element : json) {
        value(*schema.element, element, depth, item);
        ++item.index;
    }
    writer_.write_block(0);
}

void JsonEncoder::map(const Schema& schema, const Json& json, std::size_t depth, const Path& path) {
    if (!json.is_object()) fail_type(path, json, "an object");
    if (depth > max_depth) fail(path, "nested too deep");
    if (!json.empty()) writer_.write_block(json.size());
    for (const auto& [key, element] : json.get_ref<const Json::object_t&>()) {
        writer_.write_string(key);
        value(*schema.element, element, depth, Path{&path, key, 0, Path::Step::entry});
    }
    writer_.write_block(0);
}

void JsonEncoder::record(const Schema& schema, const Json& json, std::size_t depth, const Path& path) {
    if (!json.is_object()) fail_type(path, json, "an object (" + std::string(schema.name()) + ")");
    if (depth > max_depth) fail(path, "nested too deep");
    const auto& members = json.get_ref<const Json::object_t&>();
    std::size_t known = 0;
    for (const Field& field : schema.fields) {
        const Path at{&path, field.name, 0, Path::Step::member};
        const auto member = members.find(field.name);
        if (member != members.end()) {
            ++known;
            value(*field.schema, member->second, depth, at);
        } else if (field.default_json) {
            if (out_.size() > end_) fail(at, "the encoded value is too large");
            writer_.write_raw(default_of_(field, depth));
        } else {
            fail(at, "the member is missing, needed is " + std::string(field.schema->name()));
        }
    }
    if (known == members.size() || bytes_ == Bytes::code_points) return;
    for (const auto& [name, ignored] : members) {
        const auto is_it = [&name = name](const Field& field) { return field.name == name; };
        if (std::none_of(schema.fields.begin(), schema.fields.end(), is_it)) {
            fail(Path{&path, name, 0, Path::Step::member},
                 "no such member in " + std::string(schema.name()) + "; " + fields_of(schema));
        }
    }
}

void JsonEncoder::union_of(const Schema& schema, const Json& json, std::size_t depth, const Path& path) {
    std::size_t best = 0;
    Fit best_fit = Fit::none;
    for (std::size_t i = 0; i < schema.branches.size() && best_fit != Fit::exact; ++i) {
        const Fit branch_fit = fit(*schema.branches[i], json);
        if (branch_fit > best_fit) {
            best = i;
            best_fit = branch_fit;
        }
    }
    if (best_fit == Fit::none) fail_type(path, json, branches_of(schema));
    writer_.write_branch(best);
    value(*schema.branches[best], json, depth, path);
}

JsonEncoder::Fit JsonEncoder::fit(const Schema& schema, const Json& json) const {
    const auto exact_if = [](bool suits) { return suits ? Fit::exact : Fit::none; };
    switch (schema.kind) {
        case Kind::null:
            return exact_if(json.is_null());
        case Kind::boolean:
            return exact_if(json.is_boolean());
        case Kind::int_:
        case Kind::long_:
            return exact_if(integer_in_range(schema, json).has_value());
        case Kind::float_:
        case Kind::double_:
            if (const auto real = real_number(json);
                !real || (schema.kind == Kind::float_ && !fits_float(*real))) {
                return Fit::none;
            }
            return json.is_number_float() ? Fit::exact : Fit::loose;
        case Kind::string:
            return exact_if(json.is_string());
        case Kind::bytes:
        case Kind::fixed: {
            std::vector<std::byte> decoded;
            return exact_if(json.is_string() && decode_bytes(json.get_ref<const std::string&>(), decoded) &&
                            (schema.kind == Kind::bytes || decoded.size() == schema.size));
        }
        case Kind::enumeration:
            return exact_if(symbol_index(schema, json).has_value());
        case Kind::array:
            return exact_if(json.is_array());
        case Kind::map:
            return exact_if(json.is_object());
        case Kind::record:
            return fit_record(schema, json);
        case Kind::union_:
            break;
    }
    return Fit::none;
}

JsonEncoder::Fit JsonEncoder::fit_record(const Schema& schema, const Json& json) const {
    if (!json.is_object()) return Fit::none;
    std::size_t known = 0;
    for (const Field& field : schema.fields) {
        if (json.contains(field.name)) {
            ++known;
        } else if (!field.default_json) {
            return Fit::loose;
        }
    }
    return known == json.size() || bytes_ == Bytes::code_points ? Fit::exact : Fit::loose;
}

}  // namespace eventbus::avro
