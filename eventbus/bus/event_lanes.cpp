#include "eventbus/bus/event_lanes.hpp"

#include <functional>
#include <string_view>
#include <utility>

namespace eventbus {

namespace {

std::size_t mixed(std::size_t hash, std::size_t more) {
    return hash ^ (more + 0x9e37'79b9'7f4a'7c15U + (hash << 6U) + (hash >> 2U));
}

std::size_t hash_of_lane(const ReceivedEvent& event) {
    const std::hash<std::string_view> hash;
    const std::size_t topic = hash(event.topic.str());
    if (event.key) return mixed(topic, hash(*event.key));
    const Position& position = event.position;
    const auto partition = static_cast<std::size_t>(position.partition);
    return mixed(mixed(mixed(topic + 1, partition), position.offset.number), position.offset.sequence);
}

}  // namespace

EventLanes::Lane& EventLanes::lane_of(const ReceivedEvent& event) {
    const auto [at, is_new] = lanes_.try_emplace(hash_of_lane(event));
    if (is_new) at->second.hash_ = at->first;
    return at->second;
}

void EventLanes::add(std::list<HeldEvent> events) {
    while (!events.empty()) {
        Lane& lane = lane_of(events.front().event);
        lane.events_.splice(lane.events_.end(), events, events.begin());
        ++size_;
        if (lane.events_.size() == 1) ready_.push_back(&lane);
    }
}

void EventLanes::add_put_off(HeldEvent held, Time until) {
    Lane& lane = lane_of(held.event);
    lane.events_.push_back(std::move(held));
    ++size_;
    put_off_.emplace(until, &lane);
}

bool EventLanes::is_occupied(const ReceivedEvent& event) const {
    return size_ != 0 && lanes_.contains(hash_of_lane(event));
}

EventLanes::Lane* EventLanes::take(Time now) {
    // Those that waited come first: they are the oldest.
    if (!put_off_.empty() && put_off_.begin()->first <= now) {
        Lane* lane = put_off_.begin()->second;
        put_off_.erase(put_off_.begin());
        return lane;
    }
    if (ready_.empty()) return nullptr;
    Lane* lane = ready_.front();
    ready_.pop_front();
    return lane;
}

HeldEvent& EventLanes::first(Lane& lane) { return lane.events_.front(); }

void EventLanes::finish(Lane& lane, std::list<HeldEvent>& finished) {
    finished.splice(finished.end(), lane.events_, lane.events_.begin());
    --size_;
    if (lane.events_.empty()) {
        lanes_.erase(lane.hash_);
    } else {
        ready_.push_back(&lane);
    }
}

void EventLanes::put_off(Lane& lane, Time until) { put_off_.emplace(until, &lane); }

std::optional<EventLanes::Time> EventLanes::next_due() const {
    if (put_off_.empty()) return std::nullopt;
    return put_off_.begin()->first;
}

}  // namespace eventbus
