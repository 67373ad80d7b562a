#include "eventbus/bus/dead_letter_log.hpp"

#include <algorithm>
#include <utility>

#include "eventbus/event/error.hpp"

namespace eventbus {

namespace {

DeadLetterLogEntry entry_of(ReceivedEvent record) {
    DeadLetterLogEntry entry{std::move(record), {}, {}};
    try {
        entry.info = read_record_info(entry.record);
    } catch (const DecodeError& error) {
        entry.problem = error.what();
    }
    return entry;
}

}  // namespace

DeadLetterLog::DeadLetterLog(Broker& broker, TopicName topic, std::optional<StartAt> to)
    : reader_(broker.reader({.topic = std::move(topic), .from = Earliest{}, .to = std::move(to)})) {}

std::vector<DeadLetterLogEntry> DeadLetterLog::read() {
    began_anew_ = false;
    auto records = reader_->read(most_records);
    // Offsets only grow, except in another topic of the same name.
    const bool goes_back = std::ranges::any_of(records, [&](const ReceivedEvent& record) {
        const auto last = last_.find(record.position.partition);
        return last != last_.end() && record.position.offset <= last->second;
    });
    if (goes_back) {
        began_anew_ = true;
        last_.clear();
    }
    std::vector<DeadLetterLogEntry> entries;
    entries.reserve(records.size());
    for (ReceivedEvent& record : records) {
        last_.insert_or_assign(record.position.partition, record.position.offset);
        entries.push_back(entry_of(std::move(record)));
    }
    return entries;
}

std::optional<Offset> DeadLetterLog::last_read(Partition partition) const {
    const auto last = last_.find(partition);
    return last == last_.end() ? std::nullopt : std::optional(last->second);
}

}  // namespace eventbus
