#include "eventbus/broker/redis/pending.hpp"

#include <algorithm>
#include <string>

#include "eventbus/broker/redis/member_name.hpp"
#include "eventbus/broker/redis/stream_id.hpp"
#include "eventbus/redis/server_error.hpp"

namespace eventbus::redis_streams {

namespace {

constexpr std::size_t ids_of_a_command = 500;
/// Longer than anybody waits before taking over.
constexpr std::string_view a_month_of_milliseconds = "2592000000";

/// A script, so that nothing can come to the consumer between the look and its removal, which would lose it.
constexpr std::string_view forget_script = R"lua(
if #redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2]) == 0 then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
end
return 0
)lua";

std::string attempt(std::string_view what, const PendingList& list) {
    return std::string("cannot ").append(what).append(" the group " + list.group.str() + " of the stream " +
                                                      list.topic.str());
}

/// Of a reply of XPENDING: a list for each entry that begins with its id.
std::vector<Offset> ids_of(redis::ReplyView reply) {
    std::vector<Offset> ids;
    redis::ReplyView one = reply;
    for (std::size_t i = 0; i < reply.size(); ++i) {
        one = i == 0 ? reply.first() : one.next();
        ids.push_back(stream_id_of(one[0].text()));
    }
    return ids;
}

template <class Write>
void in_chunks(std::span<const Offset> ids, const Write& write) {
    while (!ids.empty()) {
        const auto chunk = ids.first(std::min(ids.size(), ids_of_a_command));
        write(chunk);
        ids = ids.subspan(chunk.size());
    }
}

void claim(redis::Connection& connection, const PendingList& list, std::string_view to,
           std::string_view least_idle, std::span<const Offset> ids, std::string_view new_idle) {
    in_chunks(ids, [&](std::span<const Offset> chunk) {
        redis::CommandBuffer& commands = connection.commands();
        commands.begin(5 + chunk.size() + 3);
        commands.word("XCLAIM");
        commands.word(list.topic.str());
        commands.word(list.group.str());
        commands.word(to);
        commands.word(least_idle);
        for (const Offset& id : chunk) commands.word(to_string(id));
        commands.word("IDLE");
        commands.word(new_idle);
        commands.word("JUSTID");
        connection.call(attempt("take over what is pending in", list));
    });
}

}  // namespace

std::vector<Offset> pending_of(redis::Connection& connection, const PendingList& list,
                               std::string_view consumer, const Offset& from, std::size_t most) {
    return ids_of(connection.call(attempt("see what is pending in", list),
                                  {"XPENDING", list.topic.str(), list.group.str(), to_string(from), "+",
                                   std::to_string(most), consumer}));
}

std::vector<Offset> pending_up_to(redis::Connection& connection, const PendingList& list,
                                  const Offset& last) {
    return ids_of(connection.call(attempt("see what is pending in", list),
                                  {"XPENDING", list.topic.str(), list.group.str(), "-", to_string(last),
                                   std::to_string(ids_of_a_command)}));
}

std::optional<Offset> take_over(redis::Connection& connection, const PendingList& list, std::string_view from,
                                std::string_view to) {
    std::optional<Offset> first;
    for (Offset next{};;) {
        const auto ids = pending_of(connection, list, from, next, ids_of_a_command);
        if (ids.empty()) return first;
        if (!first) first = ids.front();
        claim(connection, list, to, "0", ids, "0");
        next = after(ids.back());
    }
}

std::optional<Offset> take_over_idle(redis::Connection& connection, const PendingList& list,
                                     std::chrono::milliseconds idle, std::string_view to) {
    std::optional<Offset> first;
    for (std::string next = "0-0";;) {
        const redis::ReplyView reply = connection.call(
            attempt("take over what is pending in", list),
            {"XAUTOCLAIM", list.topic.str(), list.group.str(), to, std::to_string(idle.count()), next,
             "COUNT", std::to_string(ids_of_a_command), "JUSTID"});
        const redis::ReplyView ids = reply[1];
        if (!first && ids.size() != 0) first = stream_id_of(ids.first().text());
        next = std::string(reply[0].text());
        if (next == "0-0") return first;
    }
}

void keep_alive(redis::Connection& connection, const PendingList& list, std::string_view consumer,
                std::span<const Offset> ids, std::chrono::milliseconds untouched) {
    claim(connection, list, consumer, std::to_string(untouched.count()), ids, "0");
}

void give_back(redis::Connection& connection, const PendingList& list, std::span<const Offset> ids) {
    claim(connection, list, given_back, "0", ids, a_month_of_milliseconds);
}

void forget(redis::Connection& connection, const PendingList& list, std::string_view consumer) {
    try {
        connection.call(attempt("forget a consumer of", list),
                        {"EVAL", forget_script, "1", list.topic.str(), list.group.str(), consumer});
    } catch (const redis::ServerError& error) {
        if (error.code() != "NOPERM") throw;
    }
}

void acknowledge(redis::Connection& connection, const PendingList& list, std::span<const Offset> ids) {
    in_chunks(ids, [&](std::span<const Offset> chunk) {
        redis::CommandBuffer& commands = connection.commands();
        commands.begin(3 + chunk.size());
        commands.word("XACK");
        commands.word(list.topic.str());
        commands.word(list.group.str());
        for (const Offset& id : chunk) commands.word(to_string(id));
        connection.call(attempt("acknowledge events for", list));
    });
}

}  // namespace eventbus::redis_streams
