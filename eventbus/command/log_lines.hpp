#pragma once

#include <string>
#include <string_view>

#include "eventbus/event/log.hpp"
#include "eventbus/event/timestamp.hpp"
#include "eventbus/settings/settings.hpp"

namespace eventbus {

/// A line of a program's log, with its newline: `2026-01-31T12:00:00.123456+00:00 warning text`. In colour
/// the level stands out.
[[nodiscard]] std::string log_line(LogLevel level, Timestamp time, std::string_view message, bool colour);

/// Writes log lines to standard error, each in one piece, from the level that EVENT_BUS_LOG_LEVEL names on.
[[nodiscard]] LogSink log_to_stderr(const Settings& settings);

/// Tells a person what went wrong, on standard error: `eventbus: error: text`.
void report(std::string_view program, LogLevel level, std::string_view message);

}  // namespace eventbus
