#include "eventbus/bus/event_text.hpp"

#include <cstdint>

#include "eventbus/bus/json_string.hpp"

namespace eventbus {

std::string name_of(const ReceivedEvent& event) {
    return one_line(event.metadata.event_type) + " " + event.metadata.id.to_string();
}

std::string place_of(const ReceivedEvent& event) {
    return "topic " + event.topic.str() + ", partition " +
           std::to_string(static_cast<std::int32_t>(event.position.partition)) + ", position " +
           event.position_text;
}

}  // namespace eventbus
