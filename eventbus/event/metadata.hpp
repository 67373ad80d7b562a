#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "eventbus/event/timestamp.hpp"
#include "eventbus/event/uuid.hpp"

namespace eventbus {

/// What is known about an event besides its data: the CloudEvents attributes that Open edX uses (OEP-41).
struct EventMetadata {
    /// `org.openedx.learning.student.registration.completed.v1`
    std::string event_type;
    /// Unique for each event that is sent; one id for all the topics that it goes to.
    Uuid id;
    std::int32_t minorversion = 0;
    /// Logical source: `openedx/{service}/web`.
    std::string source;
    /// Name of the host that sent it.
    std::string sourcehost;
    /// When it happened.
    Timestamp time{};
    /// Version of the event definitions that the sender used: integers joined by dots, `11.2.0`.
    std::string sourcelib;

    friend bool operator==(const EventMetadata&, const EventMetadata&) = default;
};

/// `openedx/{service}/web`; an empty service gives `openedx/SERVICE_NAME_UNSET/web`, as the Python package
/// does.
[[nodiscard]] std::string source_of_service(std::string_view service);

/// Whether `text` is integers joined by dots, the only form that the Python packages read.
[[nodiscard]] bool is_sourcelib(std::string_view text);

}  // namespace eventbus
