#include "eventbus/broker/redis/confirmed_ids.hpp"

#include "eventbus/broker/redis/stream_id.hpp"

namespace eventbus::redis_streams {

void ConfirmedIds::note(const TopicName& topic, const Offset& id) {
    const auto [found, is_new] = newest_.try_emplace(topic, id);
    if (!is_new && found->second < id) found->second = id;
}

std::vector<ConfirmedIds::Lost> ConfirmedIds::find_lost(redis::Connection& connection) {
    for (const auto& [topic, id] : newest_) connection.commands().add({"XINFO", "STREAM", topic.str()});
    if (newest_.empty()) return {};
    connection.send();
    std::vector<Lost> lost;
    for (auto& [topic, id] : newest_) {
        const redis::ReplyView reply = connection.receive().view();
        // An error is a stream that is not there: it is one of the kinds of loss.
        const Offset newest =
            reply.is_error() ? Offset{} : stream_id_of(reply.value("last-generated-id").text());
        if (newest < id) lost.push_back({topic, id, newest});
    }
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
