#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/servers/process.hpp"
#include "tests/servers/redis_server.hpp"

namespace eventbus::servers {

/// A sentinel that watches one master by itself, and makes a replica the master when it is gone for a third
/// of a second.
class RedisSentinel {
  public:
    struct Options {
        std::string service = "events";
        /// Of the sentinel itself; empty for none.
        std::string password = {};
        /// Of the master and its replicas; empty for none.
        std::string master_password = {};
        /// The sentinel speaks it, and to the servers too.
        std::optional<ServerTls> tls = std::nullopt;
    };

    /// Started, and knows that the master has so many replicas. Throws std::runtime_error when that takes
    /// more than ten seconds.
    RedisSentinel(const RedisServer& master, int replicas) : RedisSentinel(master, replicas, Options{}) {}
    RedisSentinel(const RedisServer& master, int replicas, Options options);

    [[nodiscard]] std::uint16_t port() const { return port_; }
    void kill();
    /// What it takes for the master's port; 0 when it does not answer.
    [[nodiscard]] std::uint16_t master_port() const;
    /// Until it takes another one for the master. Throws std::runtime_error after thirty seconds.
    void wait_for_other_master(std::uint16_t port) const;

  private:
    void start(const RedisServer& master);
    [[nodiscard]] std::string ask(const std::string& command) const;
    [[nodiscard]] std::string socket() const { return (directory_.path() / "socket").string(); }

    Options options_;
    TestDirectory directory_;
    std::uint16_t port_ = 0;
    Process process_;
};

}  // namespace eventbus::servers
