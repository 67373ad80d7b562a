#include "eventbus/bus/redrive_filter.hpp"

#include <utility>

namespace eventbus {

RedriveFilter::RedriveFilter(std::shared_ptr<Broker> broker, TopicName topic)
    : broker_(std::move(broker)), topic_(std::move(topic)) {}

bool RedriveFilter::counts(const ReceivedEvent& redrive) {
    const DeadLetterRecordInfo info = read_record_info(redrive);
    read_up_to(redrive.position);
    const auto settled = settled_by_.find(info.letter);
    // A record that was removed before it was read is better handled twice than not at all.
    return settled == settled_by_.end() || settled->second >= redrive.position.offset;
}

void RedriveFilter::read_up_to(const Position& position) {
    if (!log_) log_.emplace(*broker_, topic_);
    // Reads at least once, to notice a topic that was made anew.
    do {
        const auto entries = log_->read();
        if (entries.empty()) return;
        if (log_->began_anew()) settled_by_.clear();
        for (const DeadLetterLogEntry& entry : entries)
            if (entry.info && entry.info->kind != DeadLetterRecord::letter)
                settled_by_.emplace(entry.info->letter, entry.record.position.offset);
    } while (log_->last_read(position.partition) < position.offset);
}

}  // namespace eventbus
