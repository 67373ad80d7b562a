#include "eventbus/broker/commit_tracker.hpp"

#include <algorithm>

namespace eventbus {

void CommitTracker::hand_out(Offset offset) {
    entries_.push_back({offset, false});
    ++outstanding_;
}

bool CommitTracker::finish(Offset offset) {
    const auto entry = std::lower_bound(entries_.begin(), entries_.end(), offset,
                                        [](const Entry& e, const Offset& value) { return e.offset < value; });
    if (entry == entries_.end() || entry->offset != offset || entry->finished) return false;
    entry->finished = true;
    --outstanding_;
    bool moved = false;
    for (; !entries_.empty() && entries_.front().finished; entries_.pop_front()) {
        position_ = {entries_.front().offset.number + 1, 0};
        moved = true;
    }
    return moved;
}

}  // namespace eventbus
