#include "eventbus/broker/redis/ownership.hpp"

#include "eventbus/event/error.hpp"

namespace eventbus::redis_streams {

namespace {

constexpr std::string_view attempt = "cannot agree with the other members on who takes a topic's events";

/// The same as two commands, which a server refuses when it has no room.
constexpr std::string_view take_script = R"lua(#!lua flags=allow-oom
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[3]) then return {} end
return {redis.call('SET', KEYS[2], ARGV[2], 'GET')}
)lua";

Ownership::Taken taken_from(redis::ReplyView previous) {
    if (previous.is_nil()) return {};
    return {std::string(previous.text())};
}

}  // namespace

Ownership::Ownership(const TopicName& topic, const GroupName& group, const MemberName& member,
                     std::chrono::milliseconds lease)
    : key_(owner_key(topic, group)),
      last_key_(last_owner_key(topic, group)),
      value_(member.token + ":" + member.consumer),
      consumer_(member.consumer),
      lease_(std::to_string(lease.count())) {}

std::optional<Ownership::Taken> Ownership::take(redis::Connection& connection) const {
    try {
        return take_by_commands(connection);
    } catch (const StorageFull&) {
        return take_by_script(connection);
    }
}

std::optional<Ownership::Taken> Ownership::take_by_commands(redis::Connection& connection) const {
    if (connection.call(attempt, {"SET", key_, value_, "NX", "PX", lease_}).is_nil()) return std::nullopt;
    return taken_from(connection.call(attempt, {"SET", last_key_, consumer_, "GET"}));
}

// Events are to be handled also where there is no room for more of them.
std::optional<Ownership::Taken> Ownership::take_by_script(redis::Connection& connection) const {
    const redis::ReplyView reply =
        connection.call(attempt, {"EVAL", take_script, "2", key_, last_key_, value_, consumer_, lease_});
    if (reply.size() == 0) return std::nullopt;
    return taken_from(reply.first());
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
