#pragma once

#include <condition_variable>
#include <exception>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "eventbus/bus/consumer.hpp"

namespace eventbus::bus_test {

/// The topic `kettles`, until a stop is asked for; handlers have one try.
[[nodiscard]] ConsumeOptions consume(const std::string& group = "tea");
/// The same until nothing comes for some moments.
[[nodiscard]] ConsumeOptions until_idle(const std::string& group = "tea");

/// A consumer at work on a thread of its own; it is stopped at the end.
class RunningConsumer {
  public:
    RunningConsumer(Bus& bus, ConsumeOptions options);

    void request_stop() { thread_.request_stop(); }
    /// Waits for its end and gives its result, or throws what it threw.
    ConsumeResult stop();

  private:
    ConsumeResult result_;
    std::exception_ptr failure_;
    std::jthread thread_;
};

/// Where a handler waits until a test lets it go on.
class Gate {
  public:
    /// Waits until it is open.
    void pass();
    void open();
    /// Waits until somebody waits at it, or has passed.
    void wait_for_arrival();

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = false;
    bool arrived_ = false;
};

}  // namespace eventbus::bus_test
