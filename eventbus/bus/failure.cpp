#include "eventbus/bus/failure.hpp"

#include <array>

#include "eventbus/bus/json_string.hpp"
#include "eventbus/event/error.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

constexpr std::array<std::string_view, 4> names{"failed", "rejected", "unusable", "parked"};

}  // namespace

std::string_view to_string(FailureReason reason) { return names.at(static_cast<std::size_t>(reason)); }

FailureReason parse_failure_reason(std::string_view text) {
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names.at(i) == text) return static_cast<FailureReason>(i);
    throw InvalidValue("no reason of a failure: " + quote(text) +
                       "; there are failed, rejected, unusable and parked");
}

std::string describe(const Failure& failure) {
    std::string error = one_line(failure.error);
    if (failure.reason == FailureReason::unusable) return "it cannot be used: " + error;
    if (failure.reason == FailureReason::parked) return error;
    const std::string handler = "handler " + quote(failure.handler);
    if (failure.reason == FailureReason::rejected) return handler + " rejected it: " + error;
    return handler + " failed" +
           (failure.tries > 1 ? " " + std::to_string(failure.tries) + " times" : std::string()) + ": " +
           error;
}

}  // namespace eventbus
