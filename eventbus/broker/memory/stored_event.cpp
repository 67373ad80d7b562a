#include "eventbus/broker/memory/stored_event.hpp"

#include <utility>

namespace eventbus::memory {

ReceivedEvent received(HandedOut handed) {
    const StoredEvent& event = *handed.event;
    return {std::move(handed.topic), handed.position, std::to_string(handed.position.offset.number),
            event.metadata,          std::nullopt,    event.key,
            event.payload,           event.schema,    event.headers,
            event.stored_at};
}

std::vector<ReceivedEvent> received(std::vector<HandedOut> handed) {
    std::vector<ReceivedEvent> events;
    events.reserve(handed.size());
    for (HandedOut& each : handed) events.push_back(received(std::move(each)));
    return events;
}

}  // namespace eventbus::memory
