#pragma once

#include <string>
#include <string_view>

namespace eventbus {

/// Appends text as a JSON string, on one line. Bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// The text with control characters escaped as in a JSON string, so that it stays one line of a log.
[[nodiscard]] std::string one_line(std::string_view text);

}  // namespace eventbus
