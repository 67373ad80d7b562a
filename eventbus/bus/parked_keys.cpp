#include "eventbus/bus/parked_keys.hpp"

#include <algorithm>
#include <utility>

#include "eventbus/event/error.hpp"

namespace eventbus {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds look_interval{1};

}  // namespace

ParkedKeys::ParkedKeys(std::shared_ptr<Broker> broker, TopicName topic, GroupName group)
    : broker_(std::move(broker)), topic_(std::move(topic)), group_(std::move(group)) {}

void ParkedKeys::refresh() {
    if (!admin_) admin_ = broker_->admin();
    if (!log_) log_.emplace(*broker_, topic_);
    read_log();
    // The broker counts what it tells of a group: it is asked only when that matters.
    if (!sent_on_.empty()) forget_what_is_handled();
    if (!keys_.empty() && Clock::now() >= next_look_at_topic_) look_at_topic();
}

bool ParkedKeys::must_wait(std::string_view key) const { return keys_.contains(key); }

bool ParkedKeys::must_wait_again(const ReceivedEvent& redriven, const Position& redrive) const {
    if (!redriven.key) return false;
    const auto key = keys_.find(*redriven.key);
    if (key == keys_.end()) return false;
    const auto& open = key->second.open;
    if (!open.empty() && *open.begin() < redriven.position) return true;
    const auto sent_on = sent_on_.find(redrive);
    return sent_on != sent_on_.end() && sent_on->second.is_late;
}

void ParkedKeys::forget_everything() {
    open_.clear();
    sent_on_.clear();
    keys_.clear();
}

void ParkedKeys::look_at_topic() {
    next_look_at_topic_ = Clock::now() + look_interval;
    if (!admin_->topic(topic_)) forget_everything();
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
    if (entry.info->kind == DeadLetterRecord::redrive) send_on(entry.record.position, key, event);
    forget_if_idle(key);
}

void ParkedKeys::send_on(const Position& redrive, Keys::iterator key, const Position& event) {
    auto& in_order = key->second.in_order;
    const auto later = in_order.upper_bound(event);
    for (auto late = later; late != in_order.end(); ++late) late->second->is_late = true;
    in_order.erase(later, in_order.end());
    const auto at = sent_on_.emplace(redrive, SentOn{key, event}).first;
    in_order.emplace(event, &at->second);
    ++key->second.sent_on;
}

void ParkedKeys::forget(SentOn& sent_on) {
    Key& key = sent_on.key->second;
    const auto [first, last] = key.in_order.equal_range(sent_on.event);
    const auto found = std::find_if(first, last, [&](const auto& each) { return each.second == &sent_on; });
    if (found != last) key.in_order.erase(found);
    --key.sent_on;
    forget_if_idle(sent_on.key);
}

void ParkedKeys::forget_what_is_handled() {
    for (const GroupInfo& group : admin_->groups(topic_)) {
        if (group.name != group_) continue;
        for (const auto& state : group.partitions) {
            const auto first = sent_on_.lower_bound({state.partition, {}});
            const auto last = sent_on_.lower_bound({state.partition, state.position});
            for (auto redrive = first; redrive != last; redrive = sent_on_.erase(redrive))
                forget(redrive->second);
        }
    }
}

void ParkedKeys::forget_if_idle(Keys::iterator key) {
    if (key->second.open.empty() && key->second.sent_on == 0) keys_.erase(key);
}

}  // namespace eventbus
