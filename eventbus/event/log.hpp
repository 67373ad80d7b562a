#pragma once

#include <functional>
#include <string_view>

namespace eventbus {

enum class LogLevel { debug, info, warning, error };

/// Where the library's log lines go. The host gives it; without one nothing is logged. Called from any
/// thread, so it must be thread-safe; it must not throw. `message` is one line of UTF-8 without a newline,
/// valid during the call.
using LogSink = std::function<void(LogLevel, std::string_view message)>;

/// `debug`, `info`, `warning`, `error`.
[[nodiscard]] std::string_view to_string(LogLevel level);

}  // namespace eventbus
