#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace eventbus::servers {

/// A redis-server of its own on the loopback, in a directory of its own; it ends with this object, and with
/// this process.
class RedisServer {
  public:
    struct Options {
        /// Every write is on the disk before it is answered.
        bool keeps_data = false;
        /// More of redis-server's own: `{"--maxmemory", "10mb"}`.
        std::vector<std::string> arguments = {};
    };

    /// Started, and answering. Throws std::runtime_error when it does not within ten seconds.
    RedisServer() : RedisServer(Options{}) {}
    explicit RedisServer(Options options);
    RedisServer(const RedisServer&) = delete;
    RedisServer& operator=(const RedisServer&) = delete;
    ~RedisServer();

    /// `redis://127.0.0.1:{port}/0`
    [[nodiscard]] std::string url() const;
    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::string unix_socket() const { return (directory_ / "socket").string(); }
    [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

    /// Ends it in order (SIGTERM), or at once (SIGKILL).
    void stop();
    void kill();
    /// Starts it again on the same port, with what it kept.
    void start();
    /// It answers nothing until `resume` (SIGSTOP, SIGCONT).
    void pause() const;
    void resume() const;

    /// The answer to an inline command over a connection of its own, as the server wrote it.
    [[nodiscard]] std::string ask(const std::string& command) const;

  private:
    void launch();
    [[nodiscard]] bool answers() const;
    void end(int signal);

    Options options_;
    std::filesystem::path directory_;
    std::uint16_t port_ = 0;
    pid_t process_ = -1;
};

}  // namespace eventbus::servers
