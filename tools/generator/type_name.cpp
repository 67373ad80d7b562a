#include "type_name.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace eventbus::generator {

namespace {

constexpr int deepest = 8;

constexpr std::array<std::pair<std::string_view, Shape>, 14> builtins{{
    {"bool", Shape::boolean},
    {"int", Shape::integer},
    {"float", Shape::floating},
    {"bytes", Shape::bytes},
    {"string", Shape::text},
    {"datetime", Shape::scalar_text},
    {"uuid", Shape::scalar_text},
    {"CourseKey", Shape::scalar_text},
    {"UsageKey", Shape::scalar_text},
    {"CcxLocator", Shape::scalar_text},
    {"LibraryLocatorV2", Shape::scalar_text},
    {"LibraryUsageLocatorV2", Shape::scalar_text},
    {"LibraryCollectionLocator", Shape::scalar_text},
    {"LibraryContainerLocator", Shape::scalar_text},
}};

std::optional<Type> parse_at(std::string_view text, int depth) {
    if (depth > deepest) return std::nullopt;
    for (const auto& [container, shape] : {std::pair{"list<", Shape::list}, std::pair{"map<", Shape::map}}) {
        if (!text.starts_with(container)) continue;
        if (!text.ends_with('>')) return std::nullopt;
        const std::size_t from = std::string_view(container).size();
        auto element = parse_at(text.substr(from, text.size() - from - 1), depth + 1);
        if (!element) return std::nullopt;
        return Type{shape, std::string(text), std::make_shared<const Type>(std::move(*element))};
    }
    for (const auto& [name, shape] : builtins)
        if (text == name) return Type{shape, std::string(text), nullptr};
    if (!is_identifier(text)) return std::nullopt;
    return Type{Shape::record, std::string(text), nullptr};
}

}  // namespace

std::optional<Type> parse_type(std::string_view text) { return parse_at(text, 0); }

const std::vector<std::string_view>& builtin_types() {
    static const std::vector<std::string_view> names = [] {
        std::vector<std::string_view> all;
        for (const auto& [name, shape] : builtins) all.push_back(name);
        return all;
    }();
    return names;
}

bool is_identifier(std::string_view text) {
    const auto is_letter = [](char c) {
        return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
    };
    if (text.empty() || text.size() > 128 || !is_letter(text.front())) return false;
    // Double underscores and a capital after an underscore at the front are the compiler's own.
    if (text.find("__") != std::string_view::npos || text.front() == '_') return false;
    return std::all_of(text.begin(), text.end(),
                       [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

}  // namespace eventbus::generator
