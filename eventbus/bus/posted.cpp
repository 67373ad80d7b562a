#include "eventbus/bus/posted.hpp"

#include <exception>
#include <string>

#include "eventbus/avro/schema.hpp"
#include "eventbus/bus/cloudevent_json.hpp"

namespace eventbus {

void Listeners::sent(const SendReport& report, std::chrono::steady_clock::time_point started) const {
    if (observers.empty()) return;
    const auto took = std::chrono::steady_clock::now() - started;
    for (const auto& observer : observers) observer->sent(report, took);
}

void Posted::settle(std::size_t topic, const Delivery& delivery) noexcept {
    TopicResult& result = report_.topics[topic];
    result.position = delivery.position;
    result.failure = delivery.failure;
    if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) finish();
}

void Posted::finish() noexcept {
    try {
        listeners_.sent(report_, started_);
        if (done_) return done_(report_);
        if (!report_.stored()) log_failure();
    } catch (const std::exception& error) {
        if (listeners_.log)
            listeners_.log(LogLevel::error,
                           std::string("the handler of a posted event threw: ") + error.what());
    }
}

void Posted::log_failure() const {
    if (!listeners_.log) return;
    std::string text = SendFailed(report_).what();
    text += "; event: ";
    append_cloudevent(text, {.type = &type_,
                             .metadata = report_.metadata,
                             .payload = payload_,
                             .schema = avro::SchemaDocument::parse(type_.schema),
                             .schema_problem = {},
                             .received = nullptr});
    listeners_.log(LogLevel::error, text);
}

}  // namespace eventbus
