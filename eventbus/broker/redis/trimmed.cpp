#include "eventbus/broker/redis/trimmed.hpp"

#include <string>
#include <string_view>

#include "eventbus/broker/redis/stream_state.hpp"
#include "eventbus/redis/server_error.hpp"

namespace eventbus::redis_streams {

namespace {

/// A script, so that no two members count the same, and none moves the group back. The mark is where the
/// group stood, and its count, when the count was last known to be right. A server that reads its append-only
/// file, and a replica that takes over, know where a group stands but not what it has read since the count
/// was last set: then the mark's count stands at another id.
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
local function count(stream, position)
    if not before(position, stream['last-generated-id']) then return stream['entries-added'] end
    local first = stream['first-entry']
    if not first or before(position, first[1]) then return stream['entries-added'] - stream['length'] end
    return nil
end
local function is_right(mark, position, read)
    if not mark or not read then return false end
    local id, marked = string.match(mark, '(%S+) (%d+)')
    return not (tonumber(marked) == read and before(id, position))
end
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local stream = map(redis.call('XINFO', 'STREAM', KEYS[1]))
for _, list in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
    local group = map(list)
    if group['name'] == ARGV[1] then
        local position, read = group['last-delivered-id'], group['entries-read']
        local mark = redis.call('GET', KEYS[2])
        local trusted = is_right(mark, position, read)
        local known = count(stream, position) or (trusted and read)
        if not known then
            redis.call('DEL', KEYS[2])
            return 0
        end
        local new_mark = position .. ' ' .. string.format('%d', known)
        if new_mark ~= mark or read ~= known then
            redis.call('SET', KEYS[2], new_mark)
            redis.call('XGROUP', 'SETID', KEYS[1], ARGV[1], position, 'ENTRIESREAD', known)
        end
        return trusted and known > read and known - read or 0
    end
end
return 0
)lua";

std::string mark_key(const TopicName& topic, const GroupName& group) {
    return "eventbus:read:" + topic.str() + ":" + group.str();
}

}  // namespace

std::uint64_t count_trimmed_unread(redis::Connection& connection, const TopicName& topic,
                                   const GroupName& group) {
    const redis::ReplyView lost =
        connection.call("cannot count the trimmed events of the stream " + topic.str(),
                        {"EVAL", script, "2", topic.str(), mark_key(topic, group), group.str()});
    return static_cast<std::uint64_t>(lost.integer());
}

}  // namespace eventbus::redis_streams
