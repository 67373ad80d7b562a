#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tests/servers/certificates.hpp"
#include "tests/servers/process.hpp"

namespace eventbus::servers {

/// What a server that speaks TLS shows, and wants to see.
struct ServerTls {
    Certificate certificate;
    std::string authority;
    /// A client without a certificate of the authority is turned away.
    bool asks_clients = false;
};

/// A redis-server of its own on the loopback, in a directory of its own; it ends with this object, and with
/// the thread that started it.
class RedisServer {
  public:
    struct Options {
        /// Every write is on the disk before it is answered.
        bool keeps_data = false;
        /// More of redis-server's own: `{"--maxmemory", "10mb"}`.
        std::vector<std::string> arguments = {};
        /// Its port speaks TLS; the unix socket never does.
        std::optional<ServerTls> tls = std::nullopt;
    };

    /// Started, and answering. Throws std::runtime_error when it does not within ten seconds.
    RedisServer() : RedisServer(Options{}) {}
    explicit RedisServer(Options options);
    RedisServer(const RedisServer&) = delete;
    RedisServer& operator=(const RedisServer&) = delete;
    ~RedisServer() = default;

    /// `redis://127.0.0.1:{port}/0`, `rediss://` with TLS
    [[nodiscard]] std::string url() const;
    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::string unix_socket() const { return (directory() / "socket").string(); }
    [[nodiscard]] const std::filesystem::path& directory() const { return directory_.path(); }

    /// Ends it in order (SIGTERM), or at once (SIGKILL).
    void stop();
    void kill();
    /// Starts it again on the same port, with what it kept. Throws as the constructor.
    void start();
    /// The same without waiting until it answers.
    void launch() { process_.start(command_line()); }
    /// It answers nothing until `resume` (SIGSTOP, SIGCONT).
    void pause() const;
    void resume() const;

    /// It becomes a replica of the other one, and has what that has when this returns. Throws
    /// std::runtime_error when it takes more than ten seconds.
    void replicate(const RedisServer& master) const;

    /// The answer to an inline command over a connection of its own, as the server wrote it.
    [[nodiscard]] std::string ask(const std::string& command) const;

  private:
    [[nodiscard]] std::vector<std::string> command_line() const;
    [[nodiscard]] bool answers() const;

    Options options_;
    TestDirectory directory_;
    std::uint16_t port_ = 0;
    Process process_;
};

}  // namespace eventbus::servers
