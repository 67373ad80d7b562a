#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <unordered_map>

#include "eventbus/bus/held_event.hpp"

namespace eventbus {

/// The events that a consumer holds, in a lane for each topic and key: says which may be handled now, so that
/// those of one key are handled one after the other and different keys at once. An event without a key has a
/// lane of its own. Keys are told apart by 64 bits of a hash: should two be alike, they share a lane. Not
/// thread-safe.
class EventLanes {
  public:
    using Time = std::chrono::steady_clock::time_point;

    /// A lane whose first event is being handled, or may be.
    class Lane;

    /// Puts each event behind the others of its lane.
    void add(std::list<HeldEvent> events);
    /// An event of the same lane is held.
    [[nodiscard]] bool is_occupied(const ReceivedEvent& event) const;

    /// A lane whose first event may be handled now; no other is handed out of it until `finish` or `put_off`.
    /// Null when there is none.
    [[nodiscard]] Lane* take(Time now);
    [[nodiscard]] static HeldEvent& first(Lane& lane);
    /// The first event is done with: the next one may be handled. Puts it behind `finished`.
    void finish(Lane& lane, std::list<HeldEvent>& finished);
    /// The first event may be handled again from `until` on; the others of the lane wait with it.
    void put_off(Lane& lane, Time until);

    /// Puts an event that was tried already before all others of its lane, to be tried again at `until`.
    /// Nothing of its lane is held.
    void add_put_off(HeldEvent held, Time until);

    /// When the next lane that was put off is due. Nothing when there is none.
    [[nodiscard]] std::optional<Time> next_due() const;
    [[nodiscard]] std::size_t size() const { return size_; }

  private:
    Lane& lane_of(const ReceivedEvent& event);

    /// By the hash of topic and key.
    std::unordered_map<std::size_t, Lane> lanes_;
    std::deque<Lane*> ready_;
    std::multimap<Time, Lane*> put_off_;
    std::size_t size_ = 0;
};

class EventLanes::Lane {
  private:
    friend EventLanes;
    std::list<HeldEvent> events_;
    std::size_t hash_ = 0;
};

}  // namespace eventbus
