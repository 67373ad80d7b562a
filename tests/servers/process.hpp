#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace eventbus::servers {

/// A port of the loopback that nothing listened on a moment ago. Throws std::runtime_error.
[[nodiscard]] std::uint16_t free_port();

/// A directory below the one for temporary files, removed at the end with all that is in it.
class TestDirectory {
  public:
    TestDirectory();
    TestDirectory(const TestDirectory&) = delete;
    TestDirectory& operator=(const TestDirectory&) = delete;
    ~TestDirectory();

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

/// A program in a process group of its own, without input. It is killed at the end, and when the
/// thread that started it ends.
class Process {
  public:
    Process() = default;
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    ~Process();

    /// The words are the program, found by PATH, and its arguments; what it prints goes to the end of
    /// `output`. Throws std::runtime_error.
    void start(std::vector<std::string> words, const std::filesystem::path& output = "/dev/null");
    [[nodiscard]] bool runs();
    void signal(int number) const;
    /// Sends the signal and waits for the end.
    void end(int signal);
    /// Waits for the end; true when the program reported success.
    [[nodiscard]] bool succeeds();

  private:
    pid_t id_ = -1;
};

}  // namespace eventbus::servers
