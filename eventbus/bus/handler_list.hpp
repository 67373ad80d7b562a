#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eventbus/bus/handler.hpp"
#include "eventbus/bus/handler_options.hpp"

namespace eventbus {

template <class Call>
struct ConnectedHandler {
    HandlerId id{};
    std::string name;
    Call call;
    HandlerOptions options;
};

/// Handlers in the order of connection. A list is never changed, only replaced: who calls its handlers holds
/// it as it was, so that handlers may connect and disconnect others and themselves. Thread-safe, but only one
/// thread at a time may change it.
template <class Call>
class HandlerList {
  public:
    using Handlers = std::vector<std::shared_ptr<const ConnectedHandler<Call>>>;

    /// The handlers as they are now; null when there are none.
    [[nodiscard]] std::shared_ptr<const Handlers> snapshot() const {
        if (!any_.load(std::memory_order_acquire)) return nullptr;
        const std::shared_lock lock(mutex_);
        return handlers_;
    }

    /// Null when there is no handler of this name.
    [[nodiscard]] std::shared_ptr<const ConnectedHandler<Call>> find(std::string_view name) const {
        const auto handlers = snapshot();
        if (!handlers) return nullptr;
        const auto found =
            std::ranges::find_if(*handlers, [name](const auto& other) { return other->name == name; });
        return found == handlers->end() ? nullptr : *found;
    }
    [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }

    void add(ConnectedHandler<Call> handler) {
        auto handlers = copy();
        handlers->push_back(std::make_shared<const ConnectedHandler<Call>>(std::move(handler)));
        static_cast<void>(replace(std::move(handlers)));
    }

    /// Returns the handlers as they were. Drop them without holding a lock: the end of a handler's captures
    /// may call the bus.
    [[nodiscard]] std::shared_ptr<const Handlers> remove(HandlerId id) {
        auto handlers = copy();
        std::erase_if(*handlers, [id](const auto& handler) { return handler->id == id; });
        if (handlers->empty()) handlers = nullptr;
        return replace(std::move(handlers));
    }

  private:
    std::shared_ptr<Handlers> copy() const {
        const auto handlers = snapshot();
        return handlers ? std::make_shared<Handlers>(*handlers) : std::make_shared<Handlers>();
    }

    std::shared_ptr<const Handlers> replace(std::shared_ptr<const Handlers> handlers) {
        const bool any = handlers != nullptr;
        {
            const std::unique_lock lock(mutex_);
            handlers_.swap(handlers);
        }
        any_.store(any, std::memory_order_release);
        return handlers;
    }

    mutable std::shared_mutex mutex_;
    std::shared_ptr<const Handlers> handlers_;
    /// Saves the lock where nobody is connected.
    std::atomic<bool> any_ = false;
};

}  // namespace eventbus
