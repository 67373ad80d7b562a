#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "eventbus/event/names.hpp"
#include "eventbus/redis/connection.hpp"
#include "tests/servers/redis_client.hpp"
#include "tests/servers/redis_server.hpp"

namespace eventbus::redis_streams {

/// One server for all tests of the program that need one.
[[nodiscard]] servers::RedisServer& server();

/// A test on an empty server, which it sees by the library's connection and by a client without the library.
class OnServer : public testing::Test {
  protected:
    OnServer();

    servers::RedisReply ask(const std::vector<std::string>& words) { return client_(words); }
    redis::Connection& connection() { return connection_; }

    /// Adds entries with the ids `{from}-0` and so on.
    void add(int from, int to);
    /// Reads so many new entries for the group, and acknowledges them when `acknowledges`.
    std::vector<std::string> read(int count, bool acknowledges = true);

    const TopicName topic_{"topic"};
    const GroupName group_{"group"};

  private:
    servers::RedisClient client_;
    redis::Connection connection_;
};

}  // namespace eventbus::redis_streams
