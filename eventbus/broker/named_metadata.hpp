#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "eventbus/broker/event.hpp"

namespace eventbus {

// For wires that carry an event's metadata as texts with names, and its own headers beside them.

/// A text of the wire; missing and empty are the same.
struct NamedText {
    std::string_view name;
    std::optional<std::string_view> value;

    /// What is not missing and not empty.
    [[nodiscard]] std::optional<std::string_view> given() const {
        return value && !value->empty() ? value : std::nullopt;
    }
};

struct NamedMetadata {
    NamedText type;
    NamedText id;
    NamedText source;
    NamedText time;
    NamedText minorversion;
    NamedText sourcehost;
    NamedText sourcelib;
};

/// Notes what is wrong with an event; the first thing counts.
void note_problem(ReceivedEvent& event, std::string problem);

/// Reads them into the event's metadata. The time is that of storing where it is not given; what else is not
/// given stays as it is. A text that is not what it should be is a problem, and goes to the header
/// `eventbus-raw-NAME`.
void read_named_metadata(ReceivedEvent& event, const NamedMetadata& metadata);

using TimeText = std::array<char, 40>;
/// The time as the wire has it; empty when no text can say it: it is left to the time of storing then.
[[nodiscard]] std::string_view write_time(Timestamp time, TimeText& buffer);

/// Stands before the name of an event's own header that one of the wire's own names would be taken for.
inline constexpr std::string_view own_header_prefix = "eventbus-header-";
/// The header's name without that.
[[nodiscard]] std::string_view without_own_prefix(std::string_view header);

}  // namespace eventbus
