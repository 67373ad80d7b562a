#pragma once

#include <string>
#include <string_view>

#include "eventbus/event/names.hpp"

namespace eventbus::redis_streams {

/// Who a member of a group is, to the server and to other members.
struct MemberName {
    /// The name of the consumer in the group: as given, or made up.
    std::string consumer;
    /// Unlike any other member's, also of one with the same consumer name.
    std::string token;
    /// Nobody else uses the consumer name.
    bool is_unique = false;

    /// `given` is empty for a name to be made up: host, process and a random number.
    [[nodiscard]] static MemberName make(std::string_view given);
};

/// The consumer, in every group, that holds what a member gave back when it left, until another takes it.
inline constexpr std::string_view given_back = "eventbus-given-back";

/// A string key that holds the member that takes a topic's events for a group, as `{token}:{consumer}`; it
/// expires with its lease.
[[nodiscard]] std::string owner_key(const TopicName& topic, const GroupName& group);
/// A list of the consumer names of those that took them, the newest first: who takes them next takes over
/// what they left, and removes their names.
[[nodiscard]] std::string past_owners_key(const TopicName& topic, const GroupName& group);
/// The consumer name in the value of an owner key.
[[nodiscard]] std::string_view consumer_of(std::string_view owner);

}  // namespace eventbus::redis_streams
