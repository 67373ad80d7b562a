#pragma once

#include <cstddef>
#include <deque>

#include "eventbus/broker/position.hpp"

namespace eventbus {

/// What was handed out of one partition and what of it is finished: tells up to where everything is finished,
/// when events finish in any order. For backends that number the events of a partition. Not thread-safe.
class CommitTracker {
  public:
    /// Nothing is handed out; `position` is the next offset to read.
    explicit CommitTracker(Offset position = {}) : position_(position) {}

    /// Offsets must grow from call to call; gaps are allowed.
    void hand_out(Offset offset);

    /// The event is finished. Returns true when the position moved. An offset that is not outstanding is
    /// ignored.
    bool finish(Offset offset);

    /// The offset after the last event before which everything handed out is finished.
    [[nodiscard]] Offset position() const { return position_; }

    /// Events that were handed out and are not finished.
    [[nodiscard]] std::size_t outstanding() const { return outstanding_; }

  private:
    struct Entry {
        Offset offset;
        bool finished = false;
    };
    std::deque<Entry> entries_;
    Offset position_;
    std::size_t outstanding_ = 0;
};

}  // namespace eventbus
