#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "eventbus/event/log.hpp"

namespace eventbus {

class HealthPort;
class Settings;

struct HeartbeatOptions {
    /// Touched as long as the consumer is well; empty for none.
    std::string file = {};
    /// Where `GET /healthz` is answered; 0 for nowhere.
    std::uint16_t port = 0;
    /// Of the interface that answers, IPv4 or IPv6 in numbers.
    std::string address = "0.0.0.0";
    /// After how long without a beat the consumer counts as hanging.
    std::chrono::milliseconds timeout{60'000};
    LogSink log = {};
};

/// As the EVENT_BUS_CONSUMER_HEARTBEAT_* and EVENT_BUS_CONSUMER_HEALTH_* settings say.
[[nodiscard]] HeartbeatOptions heartbeat_options(const Settings& settings, LogSink log);

/// Shows whoever supervises a consumer that its loop goes round, by a file and by a port. The file is touched
/// by `beat` itself, so that it grows old when the loop hangs; the port is answered by a thread that only
/// looks at the age of the last beat.
class Heartbeat {
  public:
    /// Makes the file, opens the port, and counts as a first beat. Throws SettingsError when it cannot. With
    /// neither it starts and opens nothing.
    explicit Heartbeat(HeartbeatOptions options);
    Heartbeat(const Heartbeat&) = delete;
    Heartbeat& operator=(const Heartbeat&) = delete;
    /// Removes the file: who looks for it sees that the consumer has ended.
    ~Heartbeat();

    /// The loop goes round. One thread calls it; it costs a look at the clock, and about once a second the
    /// touch of the file, of which a failure is logged.
    void beat();

    /// After how long without a beat the consumer counts as hanging.
    [[nodiscard]] std::chrono::milliseconds timeout() const { return options_.timeout; }
    /// How long the loop may wait before it beats again; nothing for as long as it likes.
    [[nodiscard]] std::optional<std::chrono::milliseconds> longest_pause() const;

    /// Why the consumer is not well, for a person to read; nothing when it is. From any thread.
    [[nodiscard]] std::optional<std::string> complaint() const;

  private:
    using Clock = std::chrono::steady_clock;

    /// Somebody may look.
    [[nodiscard]] bool is_shown() const { return !options_.file.empty() || options_.port != 0; }
    /// Returns why it could not be touched; nothing when it was.
    [[nodiscard]] std::optional<std::string> touch() const;
    void touch_now_and_then(Clock::time_point now);

    const HeartbeatOptions options_;
    std::atomic<Clock::rep> last_;
    Clock::time_point touched_;
    bool cannot_touch_ = false;
    unsigned generation_;
    std::unique_ptr<HealthPort> port_;
};

}  // namespace eventbus
