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

}  // namespace

void ConfirmedIds::note(const TopicName& topic, const Offset& id) {
    const auto [found, is_new] = newest_.try_emplace(topic, id);
    if (!is_new && found->second < id) found->second = id;
}

std::vector<ConfirmedIds::Lost> ConfirmedIds::find_lost(redis::Connection& connection) {
    for (const auto& [topic, id] : newest_) connection.commands().add({"XINFO", "STREAM", topic.str()});
    if (newest_.empty()) return {};
    connection.send();
    std::vector<Lost> lost;
    std::exception_ptr refused;
    for (auto& [topic, id] : newest_) {
        const redis::ReplyView reply = connection.receive().view();
        if (!reply.is_error()) {
            const Offset newest = stream_id_of(reply.value("last-generated-id").text());
            if (newest < id) lost.push_back({topic, id, newest});
        } else if (says_missing(reply.text())) {
            lost.push_back({topic, id, Offset{}});
        } else {
            refused = refusal(reply.text());
        }
    }
    // A client that may not ask cannot tell.
    if (refused && is_for_now(refused)) std::rethrow_exception(refused);
    for (const Lost& one : lost) newest_.erase(one.topic);
    return lost;
}

std::string describe(const ConfirmedIds::Lost& lost) {
    const std::string newest =
        lost.newest == Offset{} ? "the stream is gone" : "its newest id is " + to_string(lost.newest);
    return "Redis lost events of topic " + lost.topic.str() + " that it had confirmed, up to " +
           to_string(lost.confirmed) + ": " + newest +
           ". It was restarted without all its data, or a replica took over that had not received them, or "
           "someone deleted the stream";
}

}  // namespace eventbus::redis_streams
