#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "eventbus/broker/event.hpp"

namespace eventbus::memory {

/// An event as the store keeps it; shared with those who read it.
struct StoredEvent {
    EventMetadata metadata;
    std::optional<std::string> key;
    std::vector<std::byte> payload;
    std::shared_ptr<const std::string> schema;
    Headers headers;
    Timestamp stored_at{};
};
using StoredEventPtr = std::shared_ptr<const StoredEvent>;

/// An event on its way to a reader.
struct HandedOut {
    TopicName topic;
    Position position;
    StoredEventPtr event;
};

[[nodiscard]] ReceivedEvent received(HandedOut handed);
[[nodiscard]] std::vector<ReceivedEvent> received(std::vector<HandedOut> handed);

}  // namespace eventbus::memory
