#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventbus/broker/event.hpp"

namespace eventbus::conformance {

/// An event that owns all that an OutgoingEvent views. The payload is text, so that tests can compare it.
struct Message {
    TopicName topic;
    std::string payload;
    std::optional<std::string> key = std::nullopt;
    EventMetadata metadata = example_metadata();
    std::string schema = R"({"type": "record", "name": "CloudEvent", "fields": []})";
    Headers headers = {};

    [[nodiscard]] OutgoingEvent view() const;
    [[nodiscard]] static EventMetadata example_metadata();

    /// What the view of the key views.
    mutable std::vector<std::byte> encoded_key = {};
};

/// `count` messages with the payloads `{prefix}0`, `{prefix}1`, ...
[[nodiscard]] std::vector<Message> messages(const TopicName& topic, std::size_t count,
                                            const std::string& prefix = "e",
                                            const std::optional<std::string>& key = std::nullopt);

/// `{prefix}{from}`, ..., `count` of them: the payloads of `messages`.
[[nodiscard]] std::vector<std::string> numbered(const std::string& prefix, std::size_t count,
                                                std::size_t from = 0);

/// The payload as text.
[[nodiscard]] std::string text(const ReceivedEvent& event);
[[nodiscard]] std::vector<std::string> texts(const std::vector<ReceivedEvent>& events);
[[nodiscard]] std::vector<std::string> sorted(std::vector<std::string> values);

}  // namespace eventbus::conformance
