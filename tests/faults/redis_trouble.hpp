#pragma once

#include <chrono>
#include <random>
#include <string>

#include "tests/servers/redis_server.hpp"

namespace eventbus::faults {

/// What happens to a server.
class RedisTrouble {
  public:
    RedisTrouble(servers::RedisServer& server, std::uint32_t seed) : server_(server), random_(seed) {}

    /// It is away for so long.
    void kill_and_restart(std::chrono::milliseconds away);
    /// It answers nothing for so long, and then all that was asked meanwhile.
    void pause(std::chrono::milliseconds time);
    /// Closes about one of so many connections.
    void cut_connections(int of);
    /// It has no room for so long.
    void fill_memory(std::chrono::milliseconds time);
    /// Any of these but a pause that is longer than time-outs.
    void happen();

    [[nodiscard]] std::chrono::milliseconds time(int from, int to) {
        return std::chrono::milliseconds(pick(from, to));
    }
    [[nodiscard]] int pick(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random_); }

  private:
    servers::RedisServer& server_;
    std::mt19937 random_;
};

}  // namespace eventbus::faults
