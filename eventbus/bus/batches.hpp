#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "eventbus/bus/batch.hpp"
#include "eventbus/bus/event_lanes.hpp"
#include "eventbus/bus/held_event.hpp"

namespace eventbus {

/// The events that wait for handlers which take many at once. Not thread-safe.
class Batches {
  public:
    using Time = std::chrono::steady_clock::time_point;
    /// How the handler of a name wants its batches.
    struct Wish {
        BatchOptions options;
        /// A batch may hold events of several types.
        bool any_type = false;
    };
    using WishOf = std::function<Wish(const std::string& type, const std::string& handler)>;

    /// An event, of which batch handlers have still to handle some part.
    struct Waiting {
        HeldEvent held;
        std::size_t handlers_left = 0;
    };
    /// An event on its way to one handler.
    struct Entry {
        std::shared_ptr<Waiting> event;
        /// What is known of the handler's failures on it.
        Failure failure;
        /// When it is to be given to the handler at the latest.
        Time due;
        /// What became of it, once it was given: it is tried again after this time, or it is done with.
        std::optional<std::chrono::milliseconds> again = {};
    };
    class Queue;
    /// Events that are given to a handler together. No other batch is taken from its queue until it is
    /// finished.
    struct Job {
        Queue* queue = nullptr;
        std::string handler;
        std::vector<Entry> entries;
        /// The handler threw: all come again, and before all others.
        bool has_thrown = false;
    };

    explicit Batches(WishOf wish_of) : wish_of_(std::move(wish_of)) {}

    /// Takes in an event that its `batch_handlers` have to handle; at least one.
    void add(HeldEvent held, Time now);
    [[nodiscard]] std::optional<Job> take(Time now);
    /// Puts those that are to be tried again back. Returns the events that no handler is left for.
    [[nodiscard]] std::vector<HeldEvent> finish(Job job, Time now);

    /// When there is something to take next, as far as time alone brings it.
    [[nodiscard]] std::optional<Time> next_due() const;
    /// Events that are held, those of jobs among them.
    [[nodiscard]] std::size_t size() const { return size_; }

  private:
    using Name = std::pair<std::string, std::string>;

    Queue& queue_of(const std::string& type, const std::string& handler);

    const WishOf wish_of_;
    std::map<Name, Queue> queues_;
    std::size_t size_ = 0;
};

/// The events that wait for one handler.
class Batches::Queue {
  public:
    Queue(std::string handler, BatchOptions options) : handler_(std::move(handler)), options_(options) {}

  private:
    friend Batches;
    [[nodiscard]] std::optional<Time> due() const;
    [[nodiscard]] Job take(Time now);

    std::string handler_;
    BatchOptions options_;
    std::deque<Entry> new_;
    std::multimap<Time, Entry> again_;
    Time not_before_{};
    bool is_taken_ = false;
};

/// When there is something to do for a consumer that holds these, as far as time alone brings it.
[[nodiscard]] std::optional<Batches::Time> next_due(const EventLanes& lanes, const Batches& batches);

}  // namespace eventbus
