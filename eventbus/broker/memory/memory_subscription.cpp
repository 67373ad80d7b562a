#include "eventbus/broker/memory/memory_subscription.hpp"

#include <algorithm>
#include <utility>

#include "eventbus/event/error.hpp"
#include "eventbus/event/longest_limit.hpp"

namespace eventbus::memory {

namespace {

using Clock = std::chrono::steady_clock;

/// The limit as a point in time, bounded so that the longest durations do not overflow it.
Clock::time_point deadline_of(std::chrono::milliseconds limit) {
    return Clock::now() + std::clamp(limit, std::chrono::milliseconds{0}, longest_limit);
}

}  // namespace

MemorySubscription::MemorySubscription(std::shared_ptr<Store> store, const SubscribeOptions& options)
    : store_(std::move(store)),
      group_(options.group),
      signal_(std::make_shared<WakeSignal>()),
      member_(store_->join(options, signal_)) {}

MemorySubscription::~MemorySubscription() { leave(); }

std::vector<ReceivedEvent> MemorySubscription::poll(std::size_t most, std::chrono::milliseconds limit) {
    if (closed_) throw BrokerError("this member of group " + group_.str() + " is closed", false);
    const auto deadline = deadline_of(limit);
    while (most != 0 && !closed_) {
        auto taken = store_->take(group_, member_, most);
        // A wake that came first has done its work when the poll returns anyway.
        const bool woken = woken_.exchange(false);
        if (!taken.empty()) return received(std::move(taken));
        if (woken || Clock::now() >= deadline) break;
        signal_->wait(deadline);
    }
    return {};
}

void MemorySubscription::acknowledge(std::span<const Receipt> receipts) {
    store_->acknowledge(group_, member_, receipts);
}

void MemorySubscription::wake() noexcept {
    woken_ = true;
    signal_->raise();
}

std::vector<PartitionLag> MemorySubscription::lag() { return store_->lag(group_, member_); }

void MemorySubscription::close() { leave(); }

void MemorySubscription::leave() {
    if (closed_.exchange(true)) return;
    store_->leave(group_, member_);
    signal_->raise();
}

}  // namespace eventbus::memory
