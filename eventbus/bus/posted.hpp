#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "eventbus/broker/publisher.hpp"
#include "eventbus/bus/observer.hpp"
#include "eventbus/bus/send.hpp"
#include "eventbus/catalogue/signal.hpp"
#include "eventbus/event/log.hpp"

namespace eventbus {

/// Who is told of an event that was sent.
struct Listeners {
    std::span<const std::shared_ptr<Observer>> observers;
    const LogSink& log;

    [[nodiscard]] std::chrono::steady_clock::time_point start() const {
        return observers.empty() ? std::chrono::steady_clock::time_point{} : std::chrono::steady_clock::now();
    }
    void sent(const SendReport& report, std::chrono::steady_clock::time_point started) const;
};

/// An event that was posted and whose topics have not all answered yet. Its last answer tells the sender.
class Posted {
  public:
    Posted(SendReport report, const EventType& type, Listeners listeners,
           std::chrono::steady_clock::time_point started, PostHandler done)
        : report_(std::move(report)),
          type_(type),
          listeners_(listeners),
          started_(started),
          done_(std::move(done)),
          left_(report_.topics.size()) {}

    [[nodiscard]] const SendReport& report() const { return report_; }
    /// Kept for the log, so that an event whose failure nobody else is told of can be sent again.
    void keep(std::span<const std::byte> payload) { payload_.assign(payload.begin(), payload.end()); }
    [[nodiscard]] bool is_told() const { return done_ != nullptr; }

    /// What became of the event on one of its topics. From any thread, once for each.
    void settle(std::size_t topic, const Delivery& delivery) noexcept;
    /// For an event without topics.
    void finish() noexcept;

  private:
    void log_failure() const;

    SendReport report_;
    const EventType& type_;
    Listeners listeners_;
    std::chrono::steady_clock::time_point started_;
    PostHandler done_;
    std::vector<std::byte> payload_;
    std::atomic<std::size_t> left_;
};

}  // namespace eventbus
