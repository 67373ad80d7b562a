#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace eventbus::faults {

/// Another program, in a process group of its own, that is killed at the end of this object.
class Process {
  public:
    /// Starts `command`: a path and its arguments. SIGTERM is blocked in it until it unblocks it.
    explicit Process(const std::vector<std::string>& command);
    Process(Process&& other) noexcept;
    Process& operator=(Process&& other) noexcept;
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    ~Process();

    /// SIGKILL, and waits until it is gone.
    void kill();
    /// SIGSTOP, SIGCONT.
    void pause() const;
    void resume() const;
    /// SIGTERM: the exit code, or -1 when it was killed or did not end within a minute.
    int stop();
    /// Waits for it to end by itself: the exit code, or -1 as `stop`.
    int wait();
    [[nodiscard]] bool is_running();
    /// As waitpid tells it, once it has ended.
    [[nodiscard]] int status() const { return status_; }

  private:
    pid_t process_ = 0;
    int status_ = 0;
};

}  // namespace eventbus::faults
