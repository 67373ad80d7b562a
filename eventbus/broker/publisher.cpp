#include "eventbus/broker/publisher.hpp"

#include "eventbus/event/error.hpp"

namespace eventbus {

void check_complete(const OutgoingEvent& event) {
    if (event.topic == nullptr || event.metadata == nullptr)
        throw InvalidValue("an event to publish needs a topic and metadata");
}

}  // namespace eventbus
