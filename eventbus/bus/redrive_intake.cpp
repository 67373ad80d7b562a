#include "eventbus/bus/redrive_intake.hpp"

#include <utility>

#include "eventbus/bus/json_string.hpp"
#include "eventbus/event/error.hpp"

namespace eventbus {

RedriveIntake::RedriveIntake(const std::shared_ptr<Broker>& broker,
                             const std::vector<TopicName>& dead_letter_topics, LogSink log)
    : log_(std::move(log)) {
    for (const TopicName& topic : dead_letter_topics) filters_.try_emplace(topic, broker, topic);
}

std::optional<Redriven> RedriveIntake::take(ReceivedEvent& record) {
    try {
        if (read_record_info(record).kind != DeadLetterRecord::redrive) return std::nullopt;
        if (!filters_.at(record.topic).counts(record)) return std::nullopt;
        return read_redriven(std::move(record));
    } catch (const DecodeError& error) {
        if (log_)
            log_(LogLevel::error, "a record among the dead letters is left alone: " + one_line(error.what()));
        return std::nullopt;
    }
}

}  // namespace eventbus
