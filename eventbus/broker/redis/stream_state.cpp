#include "eventbus/broker/redis/stream_state.hpp"

#include <algorithm>

#include "eventbus/broker/redis/stream_id.hpp"
#include "eventbus/redis/server_error.hpp"

namespace eventbus::redis_streams {

namespace {

constexpr std::string_view entries_of_a_count = "1000";
constexpr std::size_t pending_of_a_count = 1000;

/// Counts up to so many entries, and tells the last of them.
constexpr std::string_view count_script =
    "local found = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[2], 'COUNT', ARGV[3])\n"
    "if #found == 0 then return {0, ''} end\n"
    "return {#found, found[#found][1]}\n";

std::string attempt(const TopicName& topic) { return "cannot look at the stream " + topic.str(); }

std::uint64_t number_of(redis::ReplyView value) {
    return value.is_nil() ? 0 : static_cast<std::uint64_t>(std::max<std::int64_t>(value.integer(), 0));
}

struct Counted {
    std::uint64_t entries;
    std::string last;
};

Counted count_at_server(redis::Connection& connection, const TopicName& topic, const std::string& from,
                        const std::string& to) {
    const redis::ReplyView reply = connection.call(
        attempt(topic), {"EVAL_RO", count_script, "1", topic.str(), from, to, entries_of_a_count});
    return {number_of(reply[0]), std::string(reply[1].text())};
}

Counted count_here(redis::Connection& connection, const TopicName& topic, const std::string& from,
                   const std::string& to) {
    constexpr std::string_view fewer = "100";
    const redis::ReplyView reply =
        connection.call(attempt(topic), {"XRANGE", topic.str(), from, to, "COUNT", fewer});
    if (reply.size() == 0) return {0, ""};
    return {reply.size(), std::string(reply[reply.size() - 1][0].text())};
}

bool refuses_scripts(const redis::ServerError& error) {
    return error.code() == "NOPERM" ||
           std::string_view(error.what()).find("unknown command") != std::string_view::npos;
}

/// Pending entries in a range, without those of other ranges.
std::uint64_t count_pending(redis::Connection& connection, const TopicName& topic, const std::string& group,
                            Offset from, const Offset& to) {
    std::uint64_t count = 0;
    for (;;) {
        const redis::ReplyView reply =
            connection.call(attempt(topic), {"XPENDING", topic.str(), group, to_string(from), to_string(to),
                                             std::to_string(pending_of_a_count)});
        count += reply.size();
        if (reply.size() < pending_of_a_count) return count;
        from = after(stream_id_of(reply[reply.size() - 1][0].text()));
    }
}

std::uint64_t unread(redis::Connection& connection, const TopicName& topic, const StreamState& stream,
                     const Offset& last_delivered) {
    if (!stream.first || last_delivered >= stream.last) return 0;
    if (last_delivered < *stream.first) return stream.length;
    return count_entries(connection, topic, last_delivered, stream.last);
}

}  // namespace

bool says_missing(std::string_view error) {
    return error.starts_with("NOGROUP") || error.find("no such key") != std::string_view::npos ||
           error.find("requires the key to exist") != std::string_view::npos;
}

StreamState stream_state_of(redis::ReplyView reply) {
    StreamState state{.length = number_of(reply.value("length")),
                      .added = number_of(reply.value("entries-added")),
                      .last = stream_id_of(reply.value("last-generated-id").text()),
                      .first = {}};
    if (const redis::ReplyView first = reply.value("first-entry"); !first.is_nil())
        state.first = stream_id_of(first[0].text());
    return state;
}

std::optional<StreamState> stream_state(redis::Connection& connection, const TopicName& topic) {
    connection.commands().add({"XINFO", "STREAM", topic.str()});
    connection.send();
    const redis::ReplyView reply = connection.receive().view();
    if (!reply.is_error()) return stream_state_of(reply);
    if (says_missing(reply.text())) return std::nullopt;
    redis::throw_server_error(attempt(topic), reply.text());
}

std::vector<GroupState> group_states(redis::Connection& connection, const TopicName& topic) {
    connection.commands().add({"XINFO", "GROUPS", topic.str()});
    connection.send();
    const redis::ReplyView reply = connection.receive().view();
    if (reply.is_error()) {
        if (says_missing(reply.text())) return {};
        redis::throw_server_error(attempt(topic), reply.text());
    }
    std::vector<GroupState> groups;
    redis::ReplyView group = reply;
    for (std::size_t i = 0; i < reply.size(); ++i) {
        group = i == 0 ? reply.first() : group.next();
        groups.push_back({.name = std::string(group.value("name").text()),
                          .last_delivered = stream_id_of(group.value("last-delivered-id").text()),
                          .pending = number_of(group.value("pending"))});
    }
    return groups;
}

std::uint64_t count_entries(redis::Connection& connection, const TopicName& topic, const Offset& after,
                            const Offset& last) {
    std::uint64_t entries = 0;
    std::string from = "(" + to_string(after);
    const std::string to = to_string(last);
    bool at_server = true;
    for (;;) {
        Counted counted{};
        try {
            counted = at_server ? count_at_server(connection, topic, from, to)
                                : count_here(connection, topic, from, to);
        } catch (const redis::ServerError& error) {
            if (!at_server || !refuses_scripts(error)) throw;
            at_server = false;
            continue;
        }
        if (counted.entries == 0) return entries;
        entries += counted.entries;
        from = "(" + counted.last;
    }
}

// What is pending and was trimmed is not stored any more; what is pending and stands behind what the group
// has read, as it was moved back, is counted as unread.
std::uint64_t group_lag(redis::Connection& connection, const TopicName& topic, const StreamState& stream,
                        const GroupState& group) {
    const std::uint64_t to_read = unread(connection, topic, stream, group.last_delivered);
    if (group.pending == 0 || !stream.first) return to_read;
    const Offset from = *stream.first;
    if (group.last_delivered < from) return to_read;
    return to_read + count_pending(connection, topic, group.name, from, group.last_delivered);
}

std::uint64_t group_lag(redis::Connection& connection, const TopicName& topic, const GroupName& group) {
    const auto stream = stream_state(connection, topic);
    if (!stream) return 0;
    for (const GroupState& state : group_states(connection, topic))
        if (state.name == group.str()) return group_lag(connection, topic, *stream, state);
    return 0;
}

Offset group_position(redis::Connection& connection, const TopicName& topic, const GroupState& group) {
    const Offset next = after(group.last_delivered);
    if (group.pending == 0) return next;
    const redis::ReplyView summary = connection.call(attempt(topic), {"XPENDING", topic.str(), group.name});
    return summary[1].is_nil() ? next : std::min(next, stream_id_of(summary[1].text()));
}

}  // namespace eventbus::redis_streams
