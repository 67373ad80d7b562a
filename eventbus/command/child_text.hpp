#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace eventbus {

/// The end of what a program wrote, as it may stand in a message of one line: at most 1,000 bytes, lines
/// joined by ` / `, control characters and what is not UTF-8 replaced by `?`.
[[nodiscard]] std::string tail_of(std::string_view text);

/// How much of a program's output is worth keeping for `tail_of`.
inline constexpr std::size_t tail_size = 1000;

}  // namespace eventbus
