#include "eventbus/broker/memory/partition_share.hpp"

#include <algorithm>
#include <iterator>

namespace eventbus::memory {

void PartitionShare::set_owner(std::uint64_t member) {
    owner_ = member;
    draining_ = false;
    restart(position());
}

std::uint64_t PartitionShare::lag(const PartitionLog& log) const {
    const std::uint64_t from = std::max(position(), log.begin());
    const auto acknowledged = std::distance(ahead_.lower_bound(from), ahead_.end());
    return log.end() - from - static_cast<std::uint64_t>(acknowledged);
}

void PartitionShare::move(std::uint64_t position) {
    ahead_.clear();
    restart(position);
}

std::vector<std::uint64_t> PartitionShare::hand_out(const PartitionLog& log, std::size_t most) {
    std::vector<std::uint64_t> offsets;
    next_ = std::max(next_, log.begin());
    for (; next_ < log.end() && offsets.size() < most; ++next_) {
        tracker_.hand_out({next_, 0});
        if (ahead_.contains(next_))
            tracker_.finish({next_, 0});
        else
            offsets.push_back(next_);
    }
    ahead_.erase(ahead_.begin(), ahead_.lower_bound(position()));
    return offsets;
}

void PartitionShare::acknowledge(std::uint64_t offset) {
    const std::size_t before = outstanding();
    tracker_.finish({offset, 0});
    if (outstanding() == before) return;
    ahead_.insert(offset);
    ahead_.erase(ahead_.begin(), ahead_.lower_bound(position()));
}

void PartitionShare::restart(std::uint64_t position) {
    tracker_ = CommitTracker({position, 0});
    next_ = position;
}

}  // namespace eventbus::memory
