#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "eventbus/bus/event_context.hpp"

namespace eventbus {

/// Handlers of which each serves one thread at a time: as many as a consumer has workers. Thread-safe.
template <class Handler>
class HandlerCrew {
  public:
    /// `make` returns a `std::unique_ptr<Handler>`; at least one is needed.
    template <class Make>
    HandlerCrew(std::size_t handlers, const Make& make) {
        for (std::size_t i = 0; i < handlers; ++i) free_.push_back(all_.emplace_back(make()).get());
    }

    /// Gives the event to a handler that is free. No more threads than there are handlers may call at once.
    void operator()(const RawEvent& event) {
        const Lease lease(*this);
        lease.handler(event);
    }

    /// Kills what all of them run, before this process ends.
    void kill() noexcept {
        for (const auto& handler : all_) handler->kill();
    }

  private:
    struct Lease {
        explicit Lease(HandlerCrew& of) : crew(of), handler(of.take()) {}
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        ~Lease() { crew.give_back(handler); }
        HandlerCrew& crew;
        Handler& handler;
    };

    Handler& take() {
        const std::lock_guard lock(mutex_);
        Handler& handler = *free_.back();
        free_.pop_back();
        return handler;
    }
    void give_back(Handler& handler) {
        const std::lock_guard lock(mutex_);
        free_.push_back(&handler);
    }

    std::vector<std::unique_ptr<Handler>> all_;
    std::mutex mutex_;
    std::vector<Handler*> free_;
};

}  // namespace eventbus
