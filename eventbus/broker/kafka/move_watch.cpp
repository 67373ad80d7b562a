#include "eventbus/broker/kafka/move_watch.hpp"

#include <utility>

#include "eventbus/broker/kafka/group_offsets.hpp"
#include "eventbus/broker/kafka/moves.hpp"
#include "eventbus/broker/kafka/topics.hpp"

namespace eventbus::kafka_topics {

MoveWatch::Question::Question(std::shared_ptr<const kafka::Client> asked)
    : client(std::move(asked)), call(*client, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, time_to_answer) {}

MoveWatch::MoveWatch(kafka::GroupClient& groups, const std::string& group, int descriptor, LogSink log)
    : groups_(groups), group_(group_of_moves(group)), descriptor_(descriptor), log_(std::move(log)) {}

void MoveWatch::look(const kafka::Partitions& partitions) {
    if (question_) {
        next_ = kafka::Partitions::copy_of(partitions.get());
    } else if (!partitions.empty()) {
        ask(partitions);
    }
}

void MoveWatch::ask(const kafka::Partitions& partitions) {
    auto client = groups_.get();
    question_ = std::make_unique<Question>(client);
    question_->call.wake(descriptor_);
    ask_for_offsets(question_->call, *client, group_, partitions);
}

kafka::Partitions MoveWatch::take() {
    kafka::Partitions moves;
    if (!question_) return moves;
    try {
        const kafka::Event answer = question_->call.answer_if_there("cannot look for moves");
        if (!answer) return moves;
        for (const auto& place : read_offsets(answer, group_))
            if (place.offset >= 0) moves.add(place.topic, place.partition, place.offset);
    } catch (const kafka::CoordinatorAway& error) {
        if (error.is_elsewhere()) groups_.renew(question_->client);
    } catch (const Error& error) {
        if (log_) log_(LogLevel::debug, error.what());
    }
    question_.reset();
    if (next_) look(*std::exchange(next_, std::nullopt));
    return moves;
}

}  // namespace eventbus::kafka_topics
