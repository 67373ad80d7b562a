#pragma once

#include "store.hpp"
#include "tests/servers/redis_server.hpp"

namespace eventbus::faults {

/// Redis Streams, as a client without the library sees them.
class RedisStore : public Store {
  public:
    /// On a server of its own.
    explicit RedisStore(const servers::RedisServer::Options& options) : server_(options) {}

    [[nodiscard]] std::string address() const override { return server_.url(); }
    [[nodiscard]] std::vector<std::string> settings() const override;
    [[nodiscard]] std::vector<StoredRecord> records(const std::string& topic) const override;
    /// Beyond a thousand unread it counts no more.
    [[nodiscard]] std::uint64_t lag(const std::string& topic, const std::string& group) const override;
    [[nodiscard]] std::string integrity() const override;
    [[nodiscard]] std::chrono::seconds short_run() const override { return std::chrono::seconds(4); }

    [[nodiscard]] servers::RedisServer& server() { return server_; }
    [[nodiscard]] const servers::RedisServer& server() const { return server_; }
    /// The server that has everything now.
    [[nodiscard]] virtual const servers::RedisServer& master() const { return server_; }

  private:
    servers::RedisServer server_;
};

/// How services reach a server, in the environment of a process.
[[nodiscard]] std::vector<std::string> redis_settings(const std::string& url);

}  // namespace eventbus::faults
