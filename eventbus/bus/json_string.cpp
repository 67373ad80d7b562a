#include "eventbus/bus/json_string.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "eventbus/avro/utf8.hpp"

namespace eventbus {

namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20; }

bool is_plain(std::string_view text) {
    return std::ranges::none_of(text, [](char c) { return is_control(c) || c == '"' || c == '\\'; }) &&
           avro::is_utf8(text);
}

std::string escaped(std::string_view text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    if (is_plain(text)) {
        out.append("\"").append(text).append("\"");
    } else {
        out.append(escaped(text));
    }
}

std::string one_line(std::string_view text) {
    if (std::ranges::none_of(text, is_control) && avro::is_utf8(text)) return std::string(text);
    const std::string quoted = escaped(text);
    return quoted.substr(1, quoted.size() - 2);
}

}  // namespace eventbus
