#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace eventbus {

/// Whether a code point is a word character as Python's `\w` has it: a letter, digit or underscore of any
/// script (Unicode 14, which Python 3.11 uses).
[[nodiscard]] bool is_word_character(char32_t c);

/// Whether a code point is a decimal digit of any script: Python's `\d`.
[[nodiscard]] bool is_digit_character(char32_t c);

/// The code point that starts at `text[at]`, and moves `at` behind it. Returns `invalid_character` for what
/// is not UTF-8.
inline constexpr char32_t invalid_character = 0xFFFFFFFF;
[[nodiscard]] char32_t next_character(std::string_view text, std::size_t& at);

/// The line, from 1, of the first byte that is not UTF-8, or is a NUL; nothing when all of it is text.
[[nodiscard]] std::optional<int> first_line_not_text(std::string_view text);

}  // namespace eventbus
