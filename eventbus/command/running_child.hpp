#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "eventbus/command/child.hpp"

namespace eventbus {

/// The child that a handler has at the moment, if any, where another thread can kill it.
class RunningChild {
  public:
    RunningChild() = default;
    RunningChild(const RunningChild&) = delete;
    RunningChild& operator=(const RunningChild&) = delete;
    /// Kills what still runs.
    ~RunningChild();

    /// Starts a child. `ended` is called in a thread of its own as soon as it has ended, for whatever reason;
    /// without one nobody waits for the child before `end`. Throws CommandError when it cannot be started,
    /// or after `kill_for_good`.
    Child& start(const std::string& command, ChildPipes pipes,
                 std::function<void(const ChildEnd&)> ended = {});

    [[nodiscard]] Child* get() { return child_.get(); }

    /// Waits for the child's end (see Child::end), and for the call of `ended`, and forgets it.
    ChildEnd end(std::chrono::milliseconds patience);

    /// Throws CommandError after `kill_for_good`: how the child ended says nothing about its event then.
    void throw_if_over();

    /// From any thread: kills the child, and lets none be started any more.
    void kill_for_good() noexcept;

  private:
    std::mutex mutex_;
    bool over_ = false;
    std::unique_ptr<Child> child_;
    std::jthread watch_;
};

}  // namespace eventbus
