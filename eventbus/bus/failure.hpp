#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "eventbus/broker/event.hpp"

namespace eventbus {

/// Why an event is not handled.
enum class FailureReason {
    /// A handler failed on it as often as it may be tried.
    failed,
    /// A handler threw Reject.
    rejected,
    /// Its metadata, type, schema or data cannot be used.
    unusable,
    /// It waits behind an earlier event of its key that is not handled.
    parked,
};

/// `failed`, `rejected`, `unusable`, `parked`.
[[nodiscard]] std::string_view to_string(FailureReason reason);
/// Throws InvalidValue for any other text.
[[nodiscard]] FailureReason parse_failure_reason(std::string_view text);

/// One reason for which an event was given up.
struct Failure {
    FailureReason reason{};
    /// The handler that did not handle it; empty when none of them did.
    std::string handler;
    /// For a person to read.
    std::string error;
    /// How often it was given to the handler.
    std::uint32_t tries = 0;
    Timestamp first_try{};
    Timestamp last_try{};
};

/// Who failed and why, on one line: `handler "mail" failed 5 times: no route to host`.
[[nodiscard]] std::string describe(const Failure& failure);

}  // namespace eventbus
