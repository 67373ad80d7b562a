#pragma once

#include <array>
#include <chrono>
#include <string>
#include <string_view>

namespace eventbus {

/// A UTC point in time with microseconds, the resolution of Open edX's times.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// The current time.
[[nodiscard]] Timestamp now();

/// `2021-06-09T14:12:45.320819+00:00`; without the fraction when the microseconds are zero: what Python's
/// `datetime.isoformat()` gives for a UTC time. Years 1 to 9999, else `InvalidValue`.
[[nodiscard]] std::string to_iso8601(Timestamp time);

/// The same text written to `buffer`, without an allocation; the view is into `buffer`.
[[nodiscard]] std::string_view write_iso8601(Timestamp time, std::array<char, 40>& buffer);

/// Reads ISO 8601 date-times as Python's `datetime.fromisoformat` (3.11) does: `T` or a space between date
/// and time, seconds and fraction optional (a fraction of more than six digits is cut), an offset (`Z`,
/// `+00:00`, `+0530`) that is converted to UTC, basic format (`20210609T141245`), week dates, a date alone. A
/// time without an offset is UTC. Throws `InvalidValue`.
[[nodiscard]] Timestamp parse_iso8601(std::string_view text);

}  // namespace eventbus
