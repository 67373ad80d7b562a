#include "eventbus/broker/redis/trimmed.hpp"

#include <string>
#include <string_view>

#include "eventbus/broker/redis/stream_state.hpp"
#include "eventbus/redis/server_error.hpp"

namespace eventbus::redis_streams {

namespace {

/// A script, so that no two members count the same, and none moves the group back.
constexpr std::string_view script = R"lua(
local function map(list)
    local found = {}
    for i = 1, #list, 2 do found[list[i]] = list[i + 1] end
    return found
end
local function before(a, b)
    local a_time, a_number = string.match(a, '(%d+)-(%d+)')
    local b_time, b_number = string.match(b, '(%d+)-(%d+)')
    a_time, b_time = tonumber(a_time), tonumber(b_time)
    if a_time ~= b_time then return a_time < b_time end
    return tonumber(a_number) < tonumber(b_number)
end
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local stream = map(redis.call('XINFO', 'STREAM', KEYS[1]))
for _, list in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
    local group = map(list)
    if group['name'] == ARGV[1] and group['entries-read'] then
        local position = group['last-delivered-id']
        local read
        if not before(position, stream['last-generated-id']) then
            read = stream['entries-added']
        elseif not stream['first-entry'] or before(position, stream['first-entry'][1]) then
            read = stream['entries-added'] - stream['length']
        else
            return 0
        end
        local lost = read - group['entries-read']
        if lost <= 0 then return 0 end
        redis.call('XGROUP', 'SETID', KEYS[1], ARGV[1], position, 'ENTRIESREAD', read)
        return lost
    end
end
return 0
)lua";

}  // namespace

std::uint64_t count_trimmed_unread(redis::Connection& connection, const TopicName& topic,
                                   const GroupName& group) {
    const redis::ReplyView lost =
        connection.call("cannot count the trimmed events of the stream " + topic.str(),
                        {"EVAL", script, "1", topic.str(), group.str()});
    return static_cast<std::uint64_t>(lost.integer());
}

}  // namespace eventbus::redis_streams
