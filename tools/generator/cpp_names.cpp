#include "cpp_names.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>

namespace eventbus::generator {

namespace {

constexpr std::array words = std::to_array<std::string_view>(
    {"alignas",     "alignof",   "and",        "and_eq",    "asm",      "auto",         "bitand",
     "bitor",       "bool",      "break",      "case",      "catch",    "char",         "char8_t",
     "char16_t",    "char32_t",  "class",      "compl",     "concept",  "const",        "consteval",
     "constexpr",   "constinit", "const_cast", "continue",  "co_await", "co_return",    "co_yield",
     "decltype",    "default",   "delete",     "do",        "double",   "dynamic_cast", "else",
     "enum",        "explicit",  "export",     "extern",    "false",    "float",        "for",
     "friend",      "goto",      "if",         "inline",    "int",      "long",         "mutable",
     "namespace",   "new",       "noexcept",   "not",       "not_eq",   "nullptr",      "operator",
     "or",          "or_eq",     "private",    "protected", "public",   "register",     "reinterpret_cast",
     "requires",    "return",    "short",      "signed",    "sizeof",   "static",       "static_assert",
     "static_cast", "struct",    "switch",     "template",  "this",     "thread_local", "throw",
     "true",        "try",       "typedef",    "typeid",    "typename", "union",        "unsigned",
     "using",       "virtual",   "void",       "volatile",  "wchar_t",  "while",        "xor",
     "xor_eq",      "std",       "eventbus",   "linux",     "unix",     "errno",        "NULL",
     "EOF"});

std::string scalar_type(const std::string& name) {
    if (name == "datetime") return "eventbus::Timestamp";
    if (name == "uuid") return "eventbus::Uuid";
    return "eventbus::" + name;
}

std::string type_text(const Type& type, const std::string& scope) {
    switch (type.shape) {
        case Shape::boolean:
            return "bool";
        case Shape::integer:
            return "std::int64_t";
        case Shape::floating:
            return "double";
        case Shape::bytes:
            return "std::vector<std::byte>";
        case Shape::text:
            return "std::string";
        case Shape::scalar_text:
            return scalar_type(type.name);
        case Shape::list:
            return "std::vector<" + type_text(*type.element, scope) + ">";
        case Shape::map:
            return "std::map<std::string, " + type_text(*type.element, scope) + ">";
        case Shape::record:
            return scope + type.name;
    }
    return {};
}

std::string field_text(const Field& field, const std::string& scope) {
    const std::string type = type_text(field.type, scope);
    return field.nullable ? "std::optional<" + type + ">" : type;
}

std::string default_text(const Default& value) {
    switch (value.kind) {
        case Default::Kind::boolean:
            return value.boolean ? "true" : "false";
        case Default::Kind::integer:
            // The least number has no literal of its own.
            return value.integer == INT64_MIN ? "INT64_MIN" : std::to_string(value.integer);
        case Default::Kind::floating: {
            std::array<char, 40> text{};
            std::snprintf(text.data(), text.size(), "%.17g", value.floating);
            return text.data();
        }
        case Default::Kind::text:
            return value.text.empty() ? "{}" : literal(value.text);
        case Default::Kind::empty_list:
        case Default::Kind::empty_map:
            return "{}";
    }
    return "{}";
}

}  // namespace

std::string cpp_type(const Field& field) { return field_text(field, {}); }
std::string cpp_type(const Type& type) { return type_text(type, {}); }

std::string qualified_cpp_type(const Field& field, const std::string& cpp_namespace) {
    return field_text(field, "::" + cpp_namespace + "::");
}

bool is_cpp_word(std::string_view name) { return std::find(words.begin(), words.end(), name) != words.end(); }

std::string cpp_name(const std::string& name) { return is_cpp_word(name) ? name + "_" : name; }

std::string data_struct_name(std::string_view constant) {
    std::string name;
    bool capital = true;
    for (const char c : constant) {
        if (c == '_') {
            capital = true;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        name.push_back(static_cast<char>(capital ? std::toupper(byte) : std::tolower(byte)));
        capital = false;
    }
    return name;
}

std::string lower_case(std::string_view constant) {
    std::string name(constant);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
    return name;
}

std::string literal(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (c == '\n') {
            out += "\\n";
        } else if (byte < 0x20 || byte == 0x7F || c == '?') {
            // Octal, which ends after three digits; a question mark could begin a trigraph.
            std::array<char, 8> escape{};
            std::snprintf(escape.data(), escape.size(), "\\%03o", byte);
            out += escape.data();
        } else {
            out.push_back(c);
        }
    }
    return out + "\"";
}

std::string initialiser(const Field& field) {
    if (field.nullable) return " = {}";
    if (!field.fallback) return {};
    return " = " + default_text(*field.fallback);
}

}  // namespace eventbus::generator
