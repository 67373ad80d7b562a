#include "eventbus/broker/redis/ownership.hpp"

#include <algorithm>

#include "eventbus/event/error.hpp"

namespace eventbus::redis_streams {

namespace {

constexpr std::string_view attempt = "cannot agree with the other members on who takes a topic's events";

/// The same as three commands, which a server refuses when it has no room.
constexpr std::string_view take_script = R"lua(#!lua flags=allow-oom
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[3]) then return {} end
redis.call('LPUSH', KEYS[2], ARGV[2])
return redis.call('LRANGE', KEYS[2], 0, -1)
)lua";

/// All but the first, which is who asks; none twice.
std::vector<std::string> past_owners(redis::ReplyView owners) {
    std::vector<std::string> past;
    if (owners.size() < 2) return past;
    redis::ReplyView owner = owners.first();
    for (std::size_t i = 1; i < owners.size(); ++i) {
        owner = owner.next();
        if (std::ranges::find(past, owner.text()) == past.end()) past.emplace_back(owner.text());
    }
    return past;
}

}  // namespace

Ownership::Ownership(const TopicName& topic, const GroupName& group, const MemberName& member,
                     std::chrono::milliseconds lease)
    : key_(owner_key(topic, group)),
      past_key_(past_owners_key(topic, group)),
      value_(member.token + ":" + member.consumer),
      consumer_(member.consumer),
      lease_(std::to_string(lease.count())) {}

std::optional<std::vector<std::string>> Ownership::take(redis::Connection& connection) const {
    try {
        return take_by_commands(connection);
    } catch (const StorageFull&) {
        return take_by_script(connection);
    }
}

std::optional<std::vector<std::string>> Ownership::take_by_commands(redis::Connection& connection) const {
    if (connection.call(attempt, {"SET", key_, value_, "NX", "PX", lease_}).is_nil()) return std::nullopt;
    connection.call(attempt, {"LPUSH", past_key_, consumer_});
    return past_owners(connection.call(attempt, {"LRANGE", past_key_, "0", "-1"}));
}

// Events are to be handled also where there is no room for more of them.
std::optional<std::vector<std::string>> Ownership::take_by_script(redis::Connection& connection) const {
    const redis::ReplyView reply =
        connection.call(attempt, {"EVAL", take_script, "2", key_, past_key_, value_, consumer_, lease_});
    if (reply.size() == 0) return std::nullopt;
    return past_owners(reply);
}

void Ownership::forget(redis::Connection& connection, const std::string& consumer) const {
    // One's own name stays at the head, where it is the next owner's to find.
    const char* count = consumer == consumer_ ? "-1" : "0";
    connection.call(attempt, {"LREM", past_key_, count, consumer});
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
