#pragma once

#include <string>
#include <string_view>

namespace eventbus::generator {

/// Generated lines stay within this width where their words allow it.
inline constexpr std::size_t line_width = 110;

/// A documentation comment, folded to the width.
[[nodiscard]] std::string doc_comment(std::string_view text, std::size_t indent);

/// A string literal, in pieces on lines of their own when it is long; to stand behind `.name =`.
[[nodiscard]] std::string folded_literal(std::string_view text, std::size_t indent);

/// JSON as raw string literals on lines of their own, parted at commas; to stand behind `.name =`.
[[nodiscard]] std::string raw_json_literal(std::string_view json, std::size_t indent);

}  // namespace eventbus::generator
