#include "eventbus/bus/failure_policy.hpp"

#include <string>

#include "eventbus/bus/cloudevent_json.hpp"
#include "eventbus/bus/json_string.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

void LogFailures::settle(Bus& bus, const FailedEvent& failed) {
    const ReceivedEvent& event = failed.event;
    std::string text = "an event was not handled: topic " + event.topic.str() + ", partition " +
                       std::to_string(static_cast<std::int32_t>(event.position.partition)) + ", position " +
                       event.position_text + ", group ";
    append_json_string(text, failed.group);
    if (failed.report.unusable) text += "; it cannot be used: " + one_line(*failed.report.unusable);
    for (const HandlerResult& result : failed.report.handlers)
        if (result.error)
            text += "; handler " + quote(result.name) + " failed: " + one_line(error_text(result.error));
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
