#pragma once

#include <sys/types.h>

#include <functional>

namespace eventbus::bus_test {

/// A fork of this process that runs `work` and ends without running any destructor of the parent's objects.
/// It is killed at the end of this object.
class Child {
  public:
    explicit Child(const std::function<void()>& work);
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child();

    /// Waits until it ends, at most as long as `patience`; true when `work` neither threw nor failed an
    /// expectation.
    [[nodiscard]] bool succeeded();
    /// Kills it at once (SIGKILL) and waits until it is gone.
    void kill();

  private:
    pid_t process_;
};

}  // namespace eventbus::bus_test
