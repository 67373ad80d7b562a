#include "eventbus/bus/failure_policy.hpp"

#include <string>

#include "eventbus/bus/cloudevent_json.hpp"
#include "eventbus/bus/event_text.hpp"
#include "eventbus/bus/json_string.hpp"

namespace eventbus {

void LogFailures::settle(Bus& bus, const FailedEvent& failed) {
    const ReceivedEvent& event = failed.event;
    std::string text = "an event was not handled: " + place_of(event) + ", group ";
    append_json_string(text, failed.group);
    for (const Failure& failure : failed.failures) text += "; " + describe(failure);
    text += "; event: ";
    append_cloudevent(text, bus, event);
    bus.log(LogLevel::error, text);
}

}  // namespace eventbus
