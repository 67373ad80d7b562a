#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "eventbus/broker/event.hpp"

namespace eventbus {

/// The buffers that events need on their way.
struct Scratch {
    std::vector<std::byte> payload;
    /// Texts of keys, which `outgoing` views.
    std::vector<std::string> keys;
    std::vector<OutgoingEvent> outgoing;

    /// Makes room for the keys of so many outgoing events, of which there are none.
    void make_room(std::size_t events) {
        if (keys.size() < events) keys.resize(events);
        outgoing.clear();
        outgoing.reserve(events);
    }
};

/// Buffers that were used before, so that sending takes no new ones. Thread-safe, without a lock.
class ScratchPool {
  public:
    ScratchPool() = default;
    ScratchPool(const ScratchPool&) = delete;
    ScratchPool& operator=(const ScratchPool&) = delete;
    ~ScratchPool();

    [[nodiscard]] std::unique_ptr<Scratch> take();
    void give_back(std::unique_ptr<Scratch> scratch);

  private:
    /// Sixteen threads at once is much for one bus; others make do with buffers of their own.
    static constexpr std::size_t slots = 16;
    /// One large event, or many at once, must not hold their memory for ever.
    static constexpr std::size_t most_kept_bytes = std::size_t{1} << 20U;
    static constexpr std::size_t most_kept_events = 2000;

    std::array<std::atomic<Scratch*>, slots> free_{};
};

/// Buffers for as long as it lives.
class ScratchLease {
  public:
    explicit ScratchLease(ScratchPool& pool) : pool_(pool), scratch_(pool.take()) {}
    ScratchLease(const ScratchLease&) = delete;
    ScratchLease& operator=(const ScratchLease&) = delete;
    ~ScratchLease() { pool_.give_back(std::move(scratch_)); }

    Scratch* operator->() { return scratch_.get(); }
    Scratch& operator*() { return *scratch_; }

  private:
    ScratchPool& pool_;
    std::unique_ptr<Scratch> scratch_;
};

}  // namespace eventbus
