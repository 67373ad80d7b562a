#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "eventbus/settings/setting.hpp"

namespace eventbus {

/// What is wrong with a value, as the end of a sentence (`must be true or false`); nothing when it is
/// allowed.
[[nodiscard]] std::optional<std::string> complaint(const Declaration& declaration, std::string_view value);

/// The value as it may be shown: secrets and passwords in URLs replaced by stars.
[[nodiscard]] std::string shown(const Declaration& declaration, std::string_view value);

/// The readers of values that have been checked; each gives nothing for text that is no such value.
[[nodiscard]] std::optional<bool> read_boolean(std::string_view text);
[[nodiscard]] std::optional<std::int64_t> read_integer(std::string_view text);
[[nodiscard]] std::optional<std::chrono::milliseconds> read_seconds(std::string_view text);
/// The short name of a backend: for a Python dotted name, that of the backend it means; any other text as it
/// is.
[[nodiscard]] std::string_view backend_name(std::string_view text);

}  // namespace eventbus
