#include "eventbus/bus/testing.hpp"

#include <algorithm>

namespace eventbus {

EventIsolation::EventIsolation(Bus& bus, const std::vector<const EventType*>& but) : bus_(bus) {
    for (const EventType* type : bus.catalogue().all()) {
        const bool is_named =
            std::ranges::any_of(but, [type](const EventType* named) { return named->type == type->type; });
        if (is_named || !bus.is_enabled(*type)) continue;
        enabled_before_.push_back(type);
        bus.disable(*type);
    }
}

EventIsolation::~EventIsolation() {
    for (const EventType* type : enabled_before_) bus_.enable(*type);
}

}  // namespace eventbus
