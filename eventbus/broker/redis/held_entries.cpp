#include "eventbus/broker/redis/held_entries.hpp"

#include <algorithm>

namespace eventbus::redis_streams {

HeldEntries::Place HeldEntries::find(const Offset& id) {
    return std::lower_bound(entries_.begin(), entries_.end(), id,
                            [](const Entry& entry, const Offset& wanted) { return entry.id < wanted; });
}

void HeldEntries::add(const Offset& id) {
    ++size_;
    if (entries_.empty() || entries_.back().id < id) {
        entries_.push_back({id, 1});
        return;
    }
    const Place place = find(id);
    if (place != entries_.end() && place->id == id) {
        ++place->times;
    } else {
        entries_.insert(place, {id, 1});
    }
}

std::size_t HeldEntries::times(const Offset& id) const {
    const auto place =
        std::lower_bound(entries_.begin(), entries_.end(), id,
                         [](const Entry& entry, const Offset& wanted) { return entry.id < wanted; });
    return place == entries_.end() || place->id != id ? 0 : place->times;
}

bool HeldEntries::contains(const Offset& id) const { return times(id) != 0; }

void HeldEntries::remove(const Offset& id) {
    const Place place = find(id);
    if (place == entries_.end() || place->id != id || place->times == 0) return;
    --place->times;
    --size_;
    while (!entries_.empty() && entries_.front().times == 0) entries_.pop_front();
}

std::vector<Offset> HeldEntries::ids() const {
    std::vector<Offset> all;
    for (const Entry& entry : entries_)
        if (entry.times != 0) all.push_back(entry.id);
    return all;
}

}  // namespace eventbus::redis_streams
