#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "eventbus/broker/commit_tracker.hpp"
#include "eventbus/broker/memory/topic_log.hpp"

namespace eventbus::memory {

/// How far a group is on one partition, and who of it reads there. Not thread-safe.
class PartitionShare {
  public:
    explicit PartitionShare(std::uint64_t position) { move(position); }

    /// Id of the owning member; 0 for nobody.
    [[nodiscard]] std::uint64_t owner() const { return owner_; }
    /// What was handed out and is not acknowledged is handed out again by the new owner.
    void set_owner(std::uint64_t member);

    /// Nothing more is handed out: the owner gives it up once everything is acknowledged.
    [[nodiscard]] bool draining() const { return draining_; }
    void set_draining(bool draining) { draining_ = draining; }

    [[nodiscard]] std::uint64_t position() const { return tracker_.position().number; }
    [[nodiscard]] std::size_t outstanding() const { return tracker_.outstanding(); }
    [[nodiscard]] std::uint64_t lag(const PartitionLog& log) const;

    /// Goes on from there, whatever was handed out or acknowledged.
    void move(std::uint64_t position);

    /// The next offsets to hand out, at most `most`.
    [[nodiscard]] std::vector<std::uint64_t> hand_out(const PartitionLog& log, std::size_t most);

    /// An offset that is not outstanding is ignored.
    void acknowledge(std::uint64_t offset);

  private:
    void restart(std::uint64_t position);

    std::uint64_t owner_ = 0;
    bool draining_ = false;
    CommitTracker tracker_;
    std::uint64_t next_ = 0;
    /// Acknowledged although an earlier one is not.
    std::set<std::uint64_t> ahead_;
};

}  // namespace eventbus::memory
