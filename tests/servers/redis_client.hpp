#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace eventbus::servers {

/// A reply of a server as it came.
struct RedisReply {
    /// As RESP marks it: `+` status, `-` error, `:` integer, `$` text, `*` array; `_` nothing.
    char kind = '_';
    /// Of everything but an array.
    std::string text;
    std::vector<RedisReply> elements;

    [[nodiscard]] bool is_error() const { return kind == '-'; }
    [[nodiscard]] bool is_nothing() const { return kind == '_'; }
    /// Throws std::runtime_error when it is no integer.
    [[nodiscard]] std::int64_t integer() const;
    /// Throws std::out_of_range when there is none.
    [[nodiscard]] const RedisReply& operator[](std::size_t index) const { return elements.at(index); }
    /// The value behind a name in an array of names and values. Throws std::out_of_range.
    [[nodiscard]] const RedisReply& value(std::string_view name) const;
};

/// A client that has nothing of the library, so that tests see for themselves what a server has. Waits for
/// ten seconds at most. Each call throws std::runtime_error when there is no connection.
class RedisClient {
  public:
    /// To a server on the loopback.
    explicit RedisClient(std::uint16_t port);
    RedisClient(const RedisClient&) = delete;
    RedisClient& operator=(const RedisClient&) = delete;
    ~RedisClient();

    RedisReply operator()(const std::vector<std::string>& words);

  private:
    [[nodiscard]] RedisReply read();
    [[nodiscard]] std::string line();
    [[nodiscard]] std::string bytes(std::size_t count);
    void receive_more();

    int socket_;
    std::string received_;
    std::size_t read_ = 0;
};

}  // namespace eventbus::servers
