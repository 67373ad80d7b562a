#pragma once

#include <sys/types.h>

#include <functional>

namespace eventbus::conformance {

/// A byte pipe between a test and its children, to take turns.
class Baton {
  public:
    Baton();
    Baton(const Baton&) = delete;
    Baton& operator=(const Baton&) = delete;
    ~Baton();

    void pass() const;
    /// Waits for one `pass`, at most as long as `patience`; false when none came.
    [[nodiscard]] bool wait() const;

  private:
    int ends_[2]{};
};

/// Another process: a fork of this one that runs `work` and ends without running any destructor of the
/// parent's objects. It is killed at the end of this object.
class Child {
  public:
    /// The exit code is 0, or 1 when `work` throws or a test expectation fails in it.
    explicit Child(const std::function<void()>& work);
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child();

    void send(int signal) const;
    /// Kills it at once (SIGKILL) and waits until it is gone.
    void kill();
    /// Waits until it ends, at most as long as `patience`: its exit code, or -1 when it was killed.
    [[nodiscard]] int exit_code();

  private:
    pid_t process_;
};

}  // namespace eventbus::conformance
