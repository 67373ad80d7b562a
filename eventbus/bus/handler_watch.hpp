#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "eventbus/bus/bus.hpp"

namespace eventbus {

/// Knows which handlers a consumer's threads are in and for how long, and tells of those that take longer
/// than they may. Thread-safe.
class HandlerWatch {
  public:
    using Clock = std::chrono::steady_clock;
    /// Told once for each call that takes too long, while it runs or when it ends.
    using Report = std::function<void(const ReceivedEvent& event, std::string_view handler, Clock::duration)>;

    /// What one thread is doing.
    class Worker final : public HandlerCalls {
      public:
        explicit Worker(HandlerWatch& watch) : watch_(watch) {}

        /// The calls from now on are for this event. It must stay until the last of them ends.
        void working_on(const ReceivedEvent& event) { event_ = &event; }
        void begins(std::string_view handler, const HandlerOptions& options) override;
        void ends() override;

      private:
        friend HandlerWatch;
        [[nodiscard]] bool is_over(Clock::time_point now) const;
        void look(Clock::time_point now);

        HandlerWatch& watch_;
        /// Of the thread alone.
        const ReceivedEvent* event_ = nullptr;
        std::mutex mutex_;
        /// Null while no handler is called.
        const ReceivedEvent* handled_ = nullptr;
        std::string_view handler_;
        std::optional<std::chrono::milliseconds> limit_;
        Clock::time_point since_;
        bool is_reported_ = false;
    };

    /// `limit` is that of handlers that have none of their own; nothing for none.
    HandlerWatch(std::size_t workers, std::optional<std::chrono::milliseconds> limit, Report report);
    HandlerWatch(const HandlerWatch&) = delete;
    HandlerWatch& operator=(const HandlerWatch&) = delete;
    ~HandlerWatch();

    [[nodiscard]] Worker& worker(std::size_t number) { return workers_.at(number); }
    /// The events that handlers are at, for a person to read; empty when there are none.
    [[nodiscard]] std::string events() const;
    /// How long the longest call has been running.
    [[nodiscard]] Clock::duration longest_call() const;

  private:
    void watch();

    const std::optional<std::chrono::milliseconds> limit_;
    const Report report_;
    mutable std::deque<Worker> workers_;
    std::mutex mutex_;
    std::condition_variable ended_changed_;
    bool ended_ = false;
    std::thread thread_;
};

}  // namespace eventbus
