#include "eventbus/broker/redis/ownership.hpp"

namespace eventbus::redis_streams {

namespace {

constexpr std::string_view attempt = "cannot agree with the other members on who takes a topic's events";

}  // namespace

Ownership::Ownership(const TopicName& topic, const GroupName& group, const MemberName& member,
                     std::chrono::milliseconds lease)
    : key_(owner_key(topic, group)),
      last_key_(last_owner_key(topic, group)),
      value_(member.token + ":" + member.consumer),
      consumer_(member.consumer),
      lease_(std::to_string(lease.count())) {}

std::optional<Ownership::Taken> Ownership::take(redis::Connection& connection) const {
    if (connection.call(attempt, {"SET", key_, value_, "NX", "PX", lease_}).is_nil()) return std::nullopt;
    const redis::ReplyView previous = connection.call(attempt, {"SET", last_key_, consumer_, "GET"});
    if (previous.is_nil()) return Taken{};
    return Taken{std::string(previous.text())};
}

bool Ownership::is_mine(redis::Connection& connection) const {
    const redis::ReplyView owner = connection.call(attempt, {"GET", key_});
    return !owner.is_nil() && owner.text() == value_;
}

// When another took it between the two commands, its lease is a little longer this once.
bool Ownership::renew(redis::Connection& connection) const {
    if (!is_mine(connection)) return false;
    connection.call(attempt, {"PEXPIRE", key_, lease_});
    return true;
}

void Ownership::release(redis::Connection& connection) const {
    connection.call(attempt, {"WATCH", key_});
    if (!is_mine(connection)) {
        connection.call(attempt, {"UNWATCH"});
        return;
    }
    connection.call(attempt, {"MULTI"});
    connection.call(attempt, {"DEL", key_});
    // Another that took it meanwhile makes this do nothing.
    connection.call(attempt, {"EXEC"});
}

}  // namespace eventbus::redis_streams
