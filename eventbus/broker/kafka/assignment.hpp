#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eventbus/broker/commit_tracker.hpp"
#include "eventbus/broker/subscription.hpp"
#include "eventbus/kafka/partitions.hpp"

namespace eventbus::kafka_topics {

/// The partitions that a member owns, what it was handed of each, and what of that is finished. Thread-safe.
class Assignment {
  public:
    struct Owned {
        std::string topic;
        std::int32_t partition = 0;
        /// Before it everything is finished.
        std::int64_t position = 0;
    };

    /// From now on it is owned, and read from `position`; `is_committed` when the group has this position.
    void add(const std::string& topic, std::int32_t partition, std::int64_t position, bool is_committed);
    /// As `add`, for one that is owned: what was handed out of it counts no more.
    void restart(const std::string& topic, std::int32_t partition, std::int64_t position);

    struct HandedOut {
        /// False when the partition is not owned, or to be given up: the event is not handed out then.
        bool done = false;
        /// The offset that was to come next.
        std::int64_t expected = 0;
    };
    [[nodiscard]] HandedOut hand_out(std::string_view topic, std::int32_t partition, std::int64_t offset);
    void finish(std::span<const Receipt> receipts);

    /// Events that were handed out and are not finished.
    [[nodiscard]] std::size_t outstanding() const;

    /// Nothing more of these is handed out.
    void revoke(const kafka::Partitions& partitions);
    /// Everything that was handed out of these is finished.
    [[nodiscard]] bool is_finished(const kafka::Partitions& partitions) const;
    void remove(const kafka::Partitions& partitions);
    void clear();

    /// Positions that moved since they were committed, and that they are now.
    [[nodiscard]] kafka::Partitions to_commit() const;
    void note_committed(const kafka::Partitions& partitions);

    [[nodiscard]] std::vector<Owned> owned() const;
    [[nodiscard]] kafka::Partitions partitions() const;

  private:
    struct State {
        CommitTracker tracker;
        std::int64_t committed = -1;
        std::int64_t next = 0;
        bool revoked = false;
    };
    using Key = std::pair<std::string, std::int32_t>;
    /// Compares without making a key.
    struct Less {
        using is_transparent = void;
        template <class Left, class Right>
        bool operator()(const Left& left, const Right& right) const {
            if (left.second != right.second) return left.second < right.second;
            return left.first < right.first;
        }
    };

    [[nodiscard]] State* find(std::string_view topic, std::int32_t partition);
    [[nodiscard]] static std::int64_t position_of(const State& state);

    mutable std::mutex mutex_;
    std::map<Key, State, Less> states_;
    std::size_t outstanding_ = 0;
};

}  // namespace eventbus::kafka_topics
