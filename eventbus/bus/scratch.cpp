#include "eventbus/bus/scratch.hpp"

#include <functional>
#include <thread>
#include <utility>

namespace eventbus {

namespace {

// Threads begin to look at different places, so that they seldom meet.
std::size_t place_of_this_thread() {
    // The lowest bits of a thread's address are the same for all.
    return std::hash<std::thread::id>{}(std::this_thread::get_id()) >> 6U;
}

}  // namespace

ScratchPool::~ScratchPool() {
    for (auto& slot : free_) const std::unique_ptr<Scratch> freed(slot.load());
}

std::unique_ptr<Scratch> ScratchPool::take() {
    const std::size_t start = place_of_this_thread();
    for (std::size_t i = 0; i < slots; ++i) {
        auto& slot = free_[(start + i) % slots];
        if (slot.load(std::memory_order_relaxed) == nullptr) continue;
        if (Scratch* scratch = slot.exchange(nullptr, std::memory_order_acquire))
            return std::unique_ptr<Scratch>(scratch);
    }
    return std::make_unique<Scratch>();
}

void ScratchPool::give_back(std::unique_ptr<Scratch> scratch) {
    if (scratch->payload.capacity() > most_kept_bytes || scratch->keys.size() > most_kept_events) return;
    scratch->payload.clear();
    scratch->outgoing.clear();
    const std::size_t start = place_of_this_thread();
    for (std::size_t i = 0; i < slots; ++i) {
        auto& slot = free_[(start + i) % slots];
        Scratch* empty = nullptr;
        if (slot.compare_exchange_strong(empty, scratch.get(), std::memory_order_release,
                                         std::memory_order_relaxed)) {
            static_cast<void>(scratch.release());
            return;
        }
    }
}

}  // namespace eventbus
