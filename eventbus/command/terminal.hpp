#pragma once

#include <cstddef>

namespace eventbus {

[[nodiscard]] bool is_terminal(int descriptor);

/// Whether to write in colour there: on a terminal that has colours, unless NO_COLOR is set.
[[nodiscard]] bool shows_colour(int descriptor);

/// Columns of the terminal; 80 when it does not tell.
[[nodiscard]] std::size_t terminal_width(int descriptor);

}  // namespace eventbus
