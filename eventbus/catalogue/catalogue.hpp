#pragma once

#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "eventbus/catalogue/signal.hpp"

namespace eventbus {

/// The event types that a program knows. A value: start from `openedx_catalogue()` or an empty one and add
/// your own.
class Catalogue {
  public:
    Catalogue() = default;

    /// Adds generated event types; they must outlive the catalogue, as static data does. Throws InvalidValue
    /// when a type is there already with another schema.
    void add(std::span<const EventType* const> types);

    /// By event type; null when unknown.
    [[nodiscard]] const EventType* find(std::string_view type) const;

    /// By event type, constant's name (`STUDENT_REGISTRATION_COMPLETED`, or
    /// `learning.STUDENT_REGISTRATION_COMPLETED`) or Python path
    /// (`openedx_events.learning.signals.STUDENT_REGISTRATION_COMPLETED`). Throws InvalidValue that names the
    /// nearest ones.
    [[nodiscard]] const EventType& resolve(std::string_view name) const;

    /// All of them, by subdomain and then in the order of definition.
    [[nodiscard]] std::span<const EventType* const> all() const { return all_; }

  private:
    std::vector<const EventType*> all_;
    std::map<std::string_view, const EventType*> by_type_;
};

/// The 75 event types of openedx-events 11.2.0.
[[nodiscard]] const Catalogue& openedx_catalogue();

/// Version of openedx-events whose definitions these are: what `sourcelib` says in the events that we send.
[[nodiscard]] std::string_view openedx_events_version();

}  // namespace eventbus
