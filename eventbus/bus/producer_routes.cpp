#include "eventbus/bus/producer_routes.hpp"

#include <string>
#include <vector>

#include "eventbus/event/error.hpp"
#include "eventbus/event/nearest.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

std::string in_config() { return std::string(setting::PRODUCER_CONFIG.name) + ": "; }

[[noreturn]] void fail_unknown(SignalTable& signals, const std::string& event_type) {
    std::vector<std::string_view> known;
    for (const SignalState& signal : signals.all()) known.push_back(signal.type.type);
    const std::string_view near = nearest_name(event_type, known);
    throw SettingsError(in_config() + "there is no event type " + quote(event_type) +
                        (near.empty() ? "; `eventbus catalogue list` shows those there are"
                                      : "; did you mean " + std::string(near) + "?"));
}

Route make_route(const SignalState& signal, const std::string& prefix, const std::string& topic,
                 const std::string& key_field) {
    try {
        return {signal.type, signal.schema(), prefixed_topic(prefix, topic), key_field};
    } catch (const InvalidValue& error) {
        throw SettingsError(in_config() + "in " + quote(signal.type.type) + ", " + quote(topic) + ": " +
                            error.what());
    }
}

}  // namespace

void set_routes(SignalTable& signals, const Settings& settings) {
    const std::string prefix = settings.get(setting::TOPIC_PREFIX);
    const bool sends = !settings.get(setting::PRODUCER).empty();
    for (const auto& [event_type, topics] : settings.get(setting::PRODUCER_CONFIG)) {
        SignalState* signal = signals.find(event_type);
        if (signal == nullptr) fail_unknown(signals, event_type);
        for (const auto& [topic, config] : topics) {
            Route route = make_route(*signal, prefix, topic, config.event_key_field);
            if (sends && config.enabled) signal->routes.push_back(std::move(route));
        }
    }
}

}  // namespace eventbus
