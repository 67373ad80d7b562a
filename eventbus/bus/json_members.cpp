#include "eventbus/bus/json_members.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "eventbus/event/error.hpp"

namespace eventbus {

JsonMembers::JsonMembers(std::string_view json) : json_(json) {
    skip_space();
    if (!take('{')) fail("an object must begin here");
}

std::optional<JsonMember> JsonMembers::next() {
    skip_space();
    if (take('}')) {
        skip_space();
        if (at_ != json_.size()) fail("nothing may stand behind the object");
        return std::nullopt;
    }
    if (!is_first_ && !take(',')) fail("a comma or the object's end must stand here");
    is_first_ = false;
    skip_space();
    const std::size_t name_at = at_;
    if (peek() != '"') fail("a member's name must stand here, in double quotes");
    skip_string();
    auto name = json_string(json_.substr(name_at, at_ - name_at));
    if (!name) fail("the member's name before this is no JSON string");
    skip_space();
    if (!take(':')) fail("a colon must stand here");
    skip_space();
    const std::size_t value_at = at_;
    skip_value();
    return JsonMember{std::move(*name), json_.substr(value_at, at_ - value_at)};
}

void JsonMembers::skip_space() { at_ = std::min(json_.find_first_not_of(" \t\r\n", at_), json_.size()); }

bool JsonMembers::take(char c) {
    if (at_ >= json_.size() || json_[at_] != c) return false;
    ++at_;
    return true;
}

void JsonMembers::skip_string() {
    std::size_t end = at_ + 1;
    while (end < json_.size() && json_[end] != '"') end += std::size_t{json_[end] == '\\' ? 2U : 1U};
    if (end >= json_.size()) fail("the string that begins here does not end");
    at_ = end + 1;
}

void JsonMembers::skip_value() {
    const std::size_t start = at_;
    std::size_t depth = 0;
    do {
        const char c = peek();
        if (at_ >= json_.size()) fail(depth == 0 ? "a value must stand here" : "the object ends too soon");
        if (c == '"') {
            skip_string();
        } else if (c == '{' || c == '[') {
            ++depth;
            ++at_;
        } else if (depth > 0 && (c == '}' || c == ']')) {
            --depth;
            ++at_;
        } else if (depth > 0) {
            ++at_;
        } else {
            // A number or a word.
            at_ = std::min(json_.find_first_of(",}] \t\r\n", at_), json_.size());
            if (at_ == start) fail("a value must stand here");
        }
    } while (depth > 0);
}

void JsonMembers::fail(const std::string& what) const {
    throw DecodeError("JSON: column " + std::to_string(at_ + 1) + ": " + what);
}

std::optional<std::string> json_string(std::string_view value) {
    const auto parsed = nlohmann::json::parse(value, nullptr, false);
    if (!parsed.is_string()) return std::nullopt;
    return parsed.get<std::string>();
}

}  // namespace eventbus
