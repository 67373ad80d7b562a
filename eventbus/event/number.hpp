#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace eventbus {

/// Reads a whole number in decimal digits, with a minus sign where the type has one. Nothing when the text is
/// anything else, has more than the number, or does not fit.
template <class Number>
[[nodiscard]] std::optional<Number> read_number(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace eventbus
