#pragma once

#include <optional>
#include <string>
#include <vector>

#include "eventbus/bus/dead_letter.hpp"

namespace eventbus {

/// Which dead letters are meant: those for which all that is set holds.
struct LetterFilter {
    /// One of these, by their ids; empty for any.
    std::vector<Position> letters = {};
    /// The event's type.
    std::optional<std::string> type = {};
    /// The event's key as text.
    std::optional<std::string> key = {};
    std::optional<FailureReason> reason = {};
    std::optional<std::string> handler = {};
    /// What the error's text contains, in upper or lower case (of ASCII).
    std::optional<std::string> error = {};
    /// Given up (the last try) at this time or later.
    std::optional<Timestamp> since = {};
    /// Given up before this time.
    std::optional<Timestamp> until = {};

    /// `position` is the letter's own.
    [[nodiscard]] bool matches(const Position& position, const DeadLetter& letter) const;
};

}  // namespace eventbus
