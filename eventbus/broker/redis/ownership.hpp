#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "eventbus/broker/redis/member_name.hpp"
#include "eventbus/redis/connection.hpp"

namespace eventbus::redis_streams {

/// Which member of a group takes a topic's events, one at a time: a lease that its holder renews, kept in a
/// key of the server. Not thread-safe.
class Ownership {
  public:
    Ownership(const TopicName& topic, const GroupName& group, const MemberName& member,
              std::chrono::milliseconds lease);

    /// Takes the lease when nobody has it: the consumers that had it before and may have left something, the
    /// newest first, until they are forgotten. Nothing when another has it.
    [[nodiscard]] std::optional<std::vector<std::string>> take(redis::Connection& connection) const;
    /// What that consumer had is taken over.
    void forget(redis::Connection& connection, const std::string& consumer) const;
    /// False when it is no longer this member's.
    [[nodiscard]] bool renew(redis::Connection& connection) const;
    /// Gives it up, if it is this member's.
    void release(redis::Connection& connection) const;

  private:
    [[nodiscard]] std::optional<std::vector<std::string>> take_by_commands(
        redis::Connection& connection) const;
    [[nodiscard]] std::optional<std::vector<std::string>> take_by_script(redis::Connection& connection) const;
    [[nodiscard]] bool is_mine(redis::Connection& connection) const;

    std::string key_;
    std::string past_key_;
    std::string value_;
    std::string consumer_;
    std::string lease_;
};

}  // namespace eventbus::redis_streams
