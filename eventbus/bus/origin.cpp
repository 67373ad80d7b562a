#include "eventbus/bus/origin.hpp"

#include <unistd.h>

#include <array>

#include "eventbus/avro/utf8.hpp"
#include "eventbus/catalogue/catalogue.hpp"
#include "eventbus/event/error.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

std::string service_of(const Settings& settings) {
    std::string name = settings.get(setting::SERVICE_NAME);
    return name.empty() ? settings.get(setting::SERVICE_VARIANT) : name;
}

std::string name_of_host() {
    std::array<char, 256> name{};
    // The last byte stays zero, so that a name that was cut ends.
    if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
    return name.data();
}

void check(const EventMetadata& metadata, const EventType& type) {
    const std::string what = "the metadata of an event of " + std::string(type.type);
    if (metadata.event_type != type.type)
        throw InvalidValue(what + " names the event type " + quote(metadata.event_type));
    if (metadata.id == Uuid{}) throw InvalidValue(what + " has no id; Bus::make_metadata gives one");
    if (!avro::is_utf8(metadata.source) || !avro::is_utf8(metadata.sourcehost))
        throw InvalidValue(what + " has a source or sourcehost that is not UTF-8");
    if (!is_sourcelib(metadata.sourcelib))
        throw InvalidValue(what + " has the sourcelib " + quote(metadata.sourcelib) +
                           ", which must be integers joined by dots, as in \"11.2.0\"");
}

// Years that cannot be written as text.
void check(Timestamp time) {
    std::array<char, 40> buffer{};
    static_cast<void>(write_iso8601(time, buffer));
}

}  // namespace

Origin::Origin(const Settings& settings)
    : source_(source_of_service(service_of(settings))), host_(name_of_host()) {}

EventMetadata Origin::metadata(const EventType& type) const {
    return {std::string(type.type),
            Uuid::make_v1(),
            type.minor_version,
            source_,
            host_,
            now(),
            std::string(openedx_events_version())};
}

EventMetadata Origin::metadata(const EventType& type, const SendOptions& options) const {
    if (!options.metadata && !options.time) return metadata(type);
    EventMetadata chosen = options.metadata ? *options.metadata : metadata(type);
    if (options.metadata) check(chosen, type);
    if (options.time) chosen.time = *options.time;
    check(chosen.time);
    return chosen;
}

}  // namespace eventbus
