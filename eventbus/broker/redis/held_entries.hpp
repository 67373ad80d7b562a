#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include "eventbus/broker/position.hpp"

namespace eventbus::redis_streams {

/// The entries of a stream that a member was given and has not acknowledged. An entry may be there several
/// times, when the group was moved back before it. Not thread-safe.
class HeldEntries {
  public:
    void add(const Offset& id);
    [[nodiscard]] bool contains(const Offset& id) const;
    /// How often it is there.
    [[nodiscard]] std::size_t times(const Offset& id) const;
    /// Takes it out once, if it is there.
    void remove(const Offset& id);

    /// With repetitions.
    [[nodiscard]] std::size_t size() const { return size_; }
    /// Each once, in order.
    [[nodiscard]] std::vector<Offset> ids() const;

  private:
    struct Entry {
        Offset id;
        std::size_t times;
    };
    using Place = std::deque<Entry>::iterator;

    [[nodiscard]] Place find(const Offset& id);

    /// In the order of ids; those that are gone from the middle stay as zero until they are at the front.
    std::deque<Entry> entries_;
    std::size_t size_ = 0;
};

}  // namespace eventbus::redis_streams
