#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "eventbus/bus/bus.hpp"

namespace eventbus {

/// For tests: while it lives, every signal of a bus is disabled but those that are named. What was enabled
/// before is enabled again afterwards.
class EventIsolation {
  public:
    template <class... Data>
    explicit EventIsolation(Bus& bus, const Signal<Data>&... but) : EventIsolation(bus, {&but.type()...}) {}
    EventIsolation(Bus& bus, const std::vector<const EventType*>& but);
    EventIsolation(const EventIsolation&) = delete;
    EventIsolation& operator=(const EventIsolation&) = delete;
    ~EventIsolation();

  private:
    Bus& bus_;
    std::vector<const EventType*> enabled_before_;
};

/// For tests: while it lives, it records the events of a signal that a bus sends or receives. Thread-safe.
template <class Data>
class EventRecorder {
  public:
    struct Recorded {
        Data data;
        EventMetadata metadata;
        /// Whether it came from a broker.
        bool from_bus = false;
    };

    EventRecorder(Bus& bus, const Signal<Data>& signal, std::string name = "recorder")
        : bus_(bus),
          handler_(bus.connect(signal, std::move(name),
                               [notes = notes_](const Data& data, const EventContext& context) {
                                   const std::scoped_lock lock(notes->mutex);
                                   notes->events.push_back({data, context.metadata, context.from_bus()});
                                   notes->arrived.notify_all();
                               })) {}
    EventRecorder(const EventRecorder&) = delete;
    EventRecorder& operator=(const EventRecorder&) = delete;
    ~EventRecorder() { bus_.disconnect(handler_); }

    /// A copy of what was recorded so far.
    [[nodiscard]] std::vector<Recorded> events() const {
        const std::scoped_lock lock(notes_->mutex);
        return notes_->events;
    }

    [[nodiscard]] std::size_t size() const {
        const std::scoped_lock lock(notes_->mutex);
        return notes_->events.size();
    }

    /// Waits until at least `count` events are recorded; false when `limit` passed first.
    [[nodiscard]] bool wait_for(std::size_t count, std::chrono::milliseconds limit) const {
        std::unique_lock lock(notes_->mutex);
        return notes_->arrived.wait_for(lock, limit, [&] { return notes_->events.size() >= count; });
    }

    void clear() {
        const std::scoped_lock lock(notes_->mutex);
        notes_->events.clear();
    }

  private:
    struct Notes {
        std::mutex mutex;
        std::condition_variable arrived;
        std::vector<Recorded> events;
    };
    std::shared_ptr<Notes> notes_ = std::make_shared<Notes>();
    Bus& bus_;
    HandlerId handler_;
};

}  // namespace eventbus
