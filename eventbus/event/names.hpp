#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace eventbus {

/// The name of a topic as a broker has it, prefix included: 1 to 249 of `A-Z a-z 0-9 . _ -`, but not `.` or
/// `..` (Kafka's rule, so that a topic can move between backends). An invalid name cannot be made:
/// `InvalidValue`.
class TopicName {
  public:
    explicit TopicName(std::string name);
    [[nodiscard]] const std::string& str() const noexcept { return name_; }
    friend auto operator<=>(const TopicName&, const TopicName&) = default;

  private:
    std::string name_;
};

/// `{prefix}-{topic}`, or the topic alone when the prefix is empty.
[[nodiscard]] TopicName prefixed_topic(std::string_view prefix, std::string_view topic);

/// The name of a consumer group: 1 to 255 bytes of UTF-8 without control characters, else `InvalidValue`.
class GroupName {
  public:
    explicit GroupName(std::string name);
    [[nodiscard]] const std::string& str() const noexcept { return name_; }
    friend auto operator<=>(const GroupName&, const GroupName&) = default;

  private:
    std::string name_;
};

}  // namespace eventbus

template <>
struct std::hash<eventbus::TopicName> {
    std::size_t operator()(const eventbus::TopicName& topic) const noexcept {
        return std::hash<std::string>{}(topic.str());
    }
};
