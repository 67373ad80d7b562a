#include "eventbus/bus/event_lanes.hpp"

#include <utility>

namespace eventbus {

// A topic's name has no slash, so that no two lanes have the same name.
const std::string& EventLanes::name_of_lane(const ReceivedEvent& event) {
    name_ = event.topic.str();
    if (event.key) {
        name_.append("/key/").append(*event.key);
    } else {
        name_.append("/at/").append(to_string(event.position));
        name_.append("/").append(std::to_string(event.position.offset.sequence));
    }
    return name_;
}

EventLanes::Lane& EventLanes::lane_of(const ReceivedEvent& event) {
    const auto [at, is_new] = lanes_.try_emplace(name_of_lane(event));
    if (is_new) at->second.name_ = &at->first;
    return at->second;
}

void EventLanes::add(HeldEvent held) {
    Lane& lane = lane_of(held.event);
    lane.events_.push_back(std::move(held));
    if (lane.events_.size() == 1) ready_.push_back(&lane);
    ++size_;
}

void EventLanes::add_put_off(HeldEvent held, Time until) {
    Lane& lane = lane_of(held.event);
    lane.events_.push_back(std::move(held));
    ++size_;
    put_off_.emplace(until, &lane);
}

bool EventLanes::is_occupied(const ReceivedEvent& event) {
    return size_ != 0 && lanes_.contains(name_of_lane(event));
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

HeldEvent EventLanes::finish(Lane& lane) {
    HeldEvent held = std::move(lane.events_.front());
    lane.events_.pop_front();
    --size_;
    if (lane.events_.empty()) {
        lanes_.erase(lanes_.find(*lane.name_));
    } else {
        ready_.push_back(&lane);
    }
    return held;
}

void EventLanes::put_off(Lane& lane, Time until) { put_off_.emplace(until, &lane); }

bool EventLanes::has_ready(Time now) const {
    return !ready_.empty() || (!put_off_.empty() && put_off_.begin()->first <= now);
}

std::optional<EventLanes::Time> EventLanes::next_due() const {
    if (put_off_.empty()) return std::nullopt;
    return put_off_.begin()->first;
}

}  // namespace eventbus
