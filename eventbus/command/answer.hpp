#pragma once

#include <string>
#include <string_view>

namespace eventbus {

/// What a program of `--pipe` answered to an event.
struct Answer {
    enum class Verdict { ok, error, reject, unclear };
    Verdict verdict = Verdict::unclear;
    /// What it said about an error or reject.
    std::string_view text;
};

/// Reads a line, without its newline; a carriage return at its end does not count.
[[nodiscard]] Answer read_answer(std::string_view line);

}  // namespace eventbus
