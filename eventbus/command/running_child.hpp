#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "eventbus/command/child.hpp"

namespace eventbus {

/// The child that a handler has at the moment, if any, where another thread can kill it.
class RunningChild {
  public:
    /// Starts a child. Throws CommandError when it cannot be started, or after `kill_for_good`.
    Child& start(const std::string& command, ChildPipes pipes);

    [[nodiscard]] Child* get() { return child_.get(); }

    /// Waits for the child's end (see Child::end) and forgets it.
    ChildEnd end(std::chrono::milliseconds patience);

    /// Throws CommandError after `kill_for_good`: how the child ended says nothing about its event then.
    void throw_if_over();

    /// From any thread: kills the child, and lets none be started any more.
    void kill_for_good() noexcept;

  private:
    std::mutex mutex_;
    bool over_ = false;
    std::unique_ptr<Child> child_;
};

}  // namespace eventbus
