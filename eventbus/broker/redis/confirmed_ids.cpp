#include "eventbus/broker/redis/confirmed_ids.hpp"

#include <exception>

#include "eventbus/broker/redis/stream_id.hpp"
#include "eventbus/broker/redis/stream_state.hpp"
#include "eventbus/redis/server_error.hpp"

namespace eventbus::redis_streams {

namespace {

std::exception_ptr refusal(std::string_view reply) {
    try {
        redis::throw_server_error("cannot see whether Redis has lost events", reply);
    } catch (...) {
        return std::current_exception();
    }
}

bool is_for_now(const std::exception_ptr& refusal) {
    try {
        std::rethrow_exception(refusal);
    } catch (const BrokerError& error) {
        return error.retriable();
    }
}

// The entry itself, too: others may have added newer ones since the server lost it.
void ask(redis::Connection& connection, const TopicName& topic, const Offset& id) {
    const std::string text = to_string(id);
    connection.commands().add({"XINFO", "STREAM", topic.str()});
    connection.commands().add({"XRANGE", topic.str(), text, text});
}

bool was_trimmed(const StreamState& stream, const Offset& id) {
    return id <= stream.last && (!stream.first || id < *stream.first);
}

}  // namespace

void ConfirmedIds::note(const TopicName& topic, const Offset& id) {
    const auto [found, is_new] = newest_.try_emplace(topic, id);
    if (!is_new && found->second < id) found->second = id;
}

std::vector<ConfirmedIds::Lost> ConfirmedIds::find_lost(redis::Connection& connection) {
    if (newest_.empty()) return {};
    for (const auto& [topic, id] : newest_) ask(connection, topic, id);
    connection.send();
    std::vector<Lost> lost;
    std::exception_ptr refused;
    for (const auto& [topic, id] : newest_) {
        StreamState state;
        bool is_told = true;
        if (const redis::ReplyView reply = connection.receive().view(); !reply.is_error()) {
            state = stream_state_of(reply);
        } else if (!says_missing(reply.text())) {
            refused = refusal(reply.text());
            is_told = false;
        }
        const redis::ReplyView found = connection.receive().view();
        if (is_told && found.size() == 0 && !was_trimmed(state, id)) lost.push_back({topic, id, state.last});
    }
    // A client that may not ask cannot tell.
    if (refused && is_for_now(refused)) std::rethrow_exception(refused);
    for (const Lost& one : lost) newest_.erase(one.topic);
    return lost;
}

std::string describe(const ConfirmedIds::Lost& lost) {
    std::string newest = "other events are in its place";
    if (lost.newest < lost.confirmed) newest = "its newest id is " + to_string(lost.newest);
    if (lost.newest == Offset{}) newest = "the stream is gone";
    return "Redis lost events of topic " + lost.topic.str() + " that it had confirmed, up to " +
           to_string(lost.confirmed) + ": " + newest +
           ". It was restarted without all its data, or a replica took over that had not received them, or "
           "someone deleted the stream";
}

}  // namespace eventbus::redis_streams
