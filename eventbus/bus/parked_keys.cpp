#include "eventbus/bus/parked_keys.hpp"

#include <utility>

#include "eventbus/event/error.hpp"

namespace eventbus {

ParkedKeys::ParkedKeys(std::shared_ptr<Broker> broker, TopicName topic, GroupName group)
    : broker_(std::move(broker)), topic_(std::move(topic)), group_(std::move(group)) {}

void ParkedKeys::refresh() {
    if (!admin_) admin_ = broker_->admin();
    if (!log_) log_.emplace(*broker_, topic_);
    // In this order, so that a redrive is not taken for handled that was written in between.
    read_group_positions();
    read_log();
    forget_what_is_handled();
}

bool ParkedKeys::must_wait(std::string_view key) const { return keys_.contains(key); }

bool ParkedKeys::must_wait_again(const ReceivedEvent& redriven) const {
    if (!redriven.key) return false;
    const auto key = keys_.find(*redriven.key);
    return key != keys_.end() && !key->second.open.empty() && *key->second.open.begin() < redriven.position;
}

void ParkedKeys::forget_everything() {
    open_.clear();
    sent_on_.clear();
    keys_.clear();
}

bool ParkedKeys::topic_is_gone() { return !admin_->topic(topic_); }

void ParkedKeys::read_group_positions() {
    positions_.clear();
    for (const GroupInfo& group : admin_->groups(topic_))
        if (group.name == group_)
            for (const auto& state : group.partitions) positions_.emplace(state.partition, state.position);
    if (positions_.empty() && !keys_.empty() && topic_is_gone()) forget_everything();
}

void ParkedKeys::read_log() {
    for (;;) {
        auto entries = log_->read();
        if (log_->began_anew()) forget_everything();
        if (entries.empty()) return;
        for (DeadLetterLogEntry& entry : entries)
            if (entry.info) take_in(std::move(entry));
    }
}

void ParkedKeys::take_in(DeadLetterLogEntry entry) {
    if (entry.info->kind != DeadLetterRecord::letter) return settle(entry);
    const Position letter = entry.record.position;
    try {
        open(letter, read_dead_letter(std::move(entry.record)));
    } catch (const DecodeError&) {
        // It is no letter, so nobody waits for it.
        return;
    }
}

void ParkedKeys::open(const Position& letter, const DeadLetter& dead_letter) {
    if (!dead_letter.event.key) return;
    const auto key = keys_.try_emplace(*dead_letter.event.key).first;
    key->second.open.insert(dead_letter.event.position);
    open_.emplace(letter, OpenLetter{key, dead_letter.event.position});
}

// Only the first record that names a letter finds it here.
void ParkedKeys::settle(const DeadLetterLogEntry& entry) {
    const auto letter = open_.find(entry.info->letter);
    if (letter == open_.end()) return;
    const auto [key, event] = letter->second;
    open_.erase(letter);
    key->second.open.extract(event);
    if (entry.info->kind == DeadLetterRecord::redrive) {
        ++key->second.sent_on;
        sent_on_.emplace(entry.record.position, key);
    }
    forget_if_idle(key);
}

void ParkedKeys::forget_what_is_handled() {
    for (const auto& [partition, next] : positions_) {
        const auto first = sent_on_.lower_bound({partition, {}});
        const auto last = sent_on_.lower_bound({partition, next});
        for (auto redrive = first; redrive != last; redrive = sent_on_.erase(redrive)) {
            --redrive->second->second.sent_on;
            forget_if_idle(redrive->second);
        }
    }
}

void ParkedKeys::forget_if_idle(Keys::iterator key) {
    if (key->second.open.empty() && key->second.sent_on == 0) keys_.erase(key);
}

}  // namespace eventbus
