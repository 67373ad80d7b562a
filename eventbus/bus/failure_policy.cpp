#include "eventbus/bus/failure_policy.hpp"

#include <string>

#include "eventbus/bus/cloudevent_json.hpp"
#include "eventbus/bus/json_string.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

std::string described(const Failure& failure) {
    const std::string error = one_line(failure.error);
    if (failure.reason == FailureReason::unusable) return "it cannot be used: " + error;
    if (failure.reason == FailureReason::parked) return error;
    const std::string handler = "handler " + quote(failure.handler);
    if (failure.reason == FailureReason::rejected) return handler + " rejected it: " + error;
    return handler + " failed" +
           (failure.tries > 1 ? " " + std::to_string(failure.tries) + " times" : std::string()) + ": " +
           error;
}

}  // namespace

void LogFailures::settle(Bus& bus, const FailedEvent& failed) {
    const ReceivedEvent& event = failed.event;
    std::string text = "an event was not handled: topic " + event.topic.str() + ", partition " +
                       std::to_string(static_cast<std::int32_t>(event.position.partition)) + ", position " +
                       event.position_text + ", group ";
    append_json_string(text, failed.group);
    for (const Failure& failure : failed.failures) text += "; " + described(failure);
    text += "; event: ";
    std::string problem;
    const auto schema = bus.schema_of(event, &problem);
    append_cloudevent(text, {.type = bus.catalogue().find(event.metadata.event_type),
                             .metadata = event.metadata,
                             .payload = event.payload,
                             .schema = schema,
                             .schema_problem = problem,
                             .received = &event});
    bus.log(LogLevel::error, text);
}

}  // namespace eventbus
