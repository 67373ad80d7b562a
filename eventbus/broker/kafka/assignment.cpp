#include "eventbus/broker/kafka/assignment.hpp"

#include <string_view>
#include <utility>

namespace eventbus::kafka_topics {

namespace {

using KeyView = std::pair<std::string_view, std::int32_t>;

}  // namespace

Assignment::State* Assignment::find(std::string_view topic, std::int32_t partition) {
    const auto found = states_.find(KeyView(topic, partition));
    return found == states_.end() ? nullptr : &found->second;
}

std::int64_t Assignment::position_of(const State& state) {
    return static_cast<std::int64_t>(state.tracker.position().number);
}

void Assignment::add(const std::string& topic, std::int32_t partition, std::int64_t position,
                     bool is_committed) {
    const std::lock_guard lock(mutex_);
    State& state = states_[Key(topic, partition)];
    outstanding_ -= state.tracker.outstanding();
    state = {CommitTracker(numbered(position)), is_committed ? position : -1, position, false};
}

void Assignment::restart(const std::string& topic, std::int32_t partition, std::int64_t position) {
    add(topic, partition, position, false);
}

Assignment::HandedOut Assignment::hand_out(std::string_view topic, std::int32_t partition,
                                           std::int64_t offset) {
    const std::lock_guard lock(mutex_);
    State* const state = find(topic, partition);
    if (state == nullptr || state->revoked) return {};
    const std::int64_t expected = std::exchange(state->next, offset + 1);
    if (offset < expected) {
        outstanding_ -= state->tracker.outstanding();
        state->tracker = CommitTracker(numbered(offset));
    }
    state->tracker.hand_out(numbered(offset));
    ++outstanding_;
    return {true, expected};
}

void Assignment::finish(std::span<const Receipt> receipts) {
    const std::lock_guard lock(mutex_);
    for (const Receipt& receipt : receipts) {
        State* const state =
            find(receipt.topic->str(), static_cast<std::int32_t>(receipt.position.partition));
        if (state == nullptr) continue;
        const std::size_t before = state->tracker.outstanding();
        state->tracker.finish(receipt.position.offset);
        outstanding_ -= before - state->tracker.outstanding();
    }
}

std::size_t Assignment::outstanding() const {
    const std::lock_guard lock(mutex_);
    return outstanding_;
}

void Assignment::revoke(const kafka::Partitions& partitions) {
    const std::lock_guard lock(mutex_);
    for (const auto& partition : partitions)
        if (State* const state = find(partition.topic, partition.partition)) state->revoked = true;
}

bool Assignment::is_finished(const kafka::Partitions& partitions) const {
    const std::lock_guard lock(mutex_);
    for (const auto& partition : partitions) {
        const auto found = states_.find(KeyView(partition.topic, partition.partition));
        if (found != states_.end() && found->second.tracker.outstanding() > 0) return false;
    }
    return true;
}

void Assignment::remove(const kafka::Partitions& partitions) {
    const std::lock_guard lock(mutex_);
    for (const auto& partition : partitions) {
        const auto found = states_.find(KeyView(partition.topic, partition.partition));
        if (found == states_.end()) continue;
        outstanding_ -= found->second.tracker.outstanding();
        states_.erase(found);
    }
}

void Assignment::clear() {
    const std::lock_guard lock(mutex_);
    states_.clear();
    outstanding_ = 0;
}

kafka::Partitions Assignment::to_commit() const {
    const std::lock_guard lock(mutex_);
    kafka::Partitions moved;
    for (const auto& [key, state] : states_)
        if (position_of(state) != state.committed) moved.add(key.first, key.second, position_of(state));
    return moved;
}

void Assignment::note_committed(const kafka::Partitions& partitions) {
    const std::lock_guard lock(mutex_);
    for (const auto& partition : partitions)
        if (State* const state = find(partition.topic, partition.partition))
            state->committed = partition.offset;
}

std::vector<Assignment::Owned> Assignment::owned() const {
    const std::lock_guard lock(mutex_);
    std::vector<Owned> all;
    for (const auto& [key, state] : states_) all.push_back({key.first, key.second, position_of(state)});
    return all;
}

kafka::Partitions Assignment::partitions() const {
    kafka::Partitions all;
    for (const Owned& one : owned()) all.add(one.topic, one.partition);
    return all;
}

}  // namespace eventbus::kafka_topics
