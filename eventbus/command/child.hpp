#pragma once

#include <sys/types.h>

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include "eventbus/command/descriptor.hpp"

namespace eventbus {

/// How a child ended.
struct ChildEnd {
    /// Of a child that exited.
    int exit_code = 0;
    /// Of one that a signal ended; else 0.
    int signal = 0;

    [[nodiscard]] bool succeeded() const { return exit_code == 0 && signal == 0; }
    /// The shell could not run the program: it was not found, or may not be executed.
    [[nodiscard]] bool could_not_run() const { return exit_code == 126 || exit_code == 127; }
    /// `exit code 3`, `signal 9 (Killed)`.
    [[nodiscard]] std::string text() const;
};

/// Which of a child's streams are pipes to this process; the others are those of this process.
struct ChildPipes {
    bool out = false;
    bool err = false;
};

/// A command that /bin/sh runs, in a process group of its own, with a pipe to its standard input and no other
/// file of this process. Ended and waited for when it is destroyed. `ended`, `wait`, `end`
/// and `kill` may be called from any thread.
class Child {
  public:
    /// Throws std::system_error.
    Child(const std::string& command, ChildPipes pipes);
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    /// Kills what still runs.
    ~Child();

    /// The pipes do not block; closed ones are not open.
    [[nodiscard]] Descriptor& in() { return in_; }
    [[nodiscard]] Descriptor& out() { return out_; }
    [[nodiscard]] Descriptor& err() { return err_; }
    /// Readable, for poll, when the child has ended.
    [[nodiscard]] int ended_descriptor() const { return process_.get(); }

    /// How it ended; nothing while it runs.
    [[nodiscard]] std::optional<ChildEnd> ended();

    /// Waits until it ends, whatever makes it end.
    ChildEnd wait();

    /// Lets it end: closes its standard input, waits for `patience`, then SIGTERM, waits again, then SIGKILL.
    ChildEnd end(std::chrono::milliseconds patience);

    /// Kills its process group at once.
    void kill() noexcept;

  private:
    [[nodiscard]] std::optional<ChildEnd> wait_for_end(std::chrono::milliseconds limit);
    void signal_group(int signal) noexcept;

    Descriptor in_;
    Descriptor out_;
    Descriptor err_;
    pid_t id_ = -1;
    Descriptor process_;
    std::mutex mutex_;
    std::optional<ChildEnd> end_;
};

}  // namespace eventbus
