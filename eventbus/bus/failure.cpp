#include "eventbus/bus/failure.hpp"

#include <array>

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

}  // namespace eventbus
