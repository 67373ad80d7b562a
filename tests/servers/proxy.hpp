#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>

namespace eventbus::servers {

/// A network between a client and a server, as bad as it is told to be: a port of the loopback whose
/// connections lead to another one. All methods may be called while it works.
class Proxy {
  public:
    enum class Direction { to_server, to_client };

    /// Throws std::runtime_error when it cannot listen.
    explicit Proxy(std::uint16_t server_port);
    Proxy(const Proxy&) = delete;
    Proxy& operator=(const Proxy&) = delete;
    ~Proxy();

    [[nodiscard]] std::uint16_t port() const;

    /// Bytes arrive so much later, in both directions.
    void delay(std::chrono::milliseconds time);
    /// Bytes arrive in pieces of at most so many, with a pause between them; 0 for no such limit.
    void drip(std::size_t most_bytes, std::chrono::microseconds pause);
    /// Nothing arrives any more, neither bytes nor the end of a connection; until it is told otherwise.
    void hold(bool holds);
    /// New connections are reset at once; until it is told otherwise.
    void refuse(bool refuses);
    /// All connections are reset.
    void cut();
    /// The connection is reset that is the first to carry so many more bytes in the direction, just behind
    /// them; counted over all connections from now on.
    void cut_after(Direction direction, std::size_t bytes);
    /// Back to a network in which nothing happens; what is held or late goes on.
    void heal();

    /// Connections so far.
    [[nodiscard]] std::size_t connections() const;

  private:
    class Network;

    std::unique_ptr<Network> network_;
    std::thread thread_;
};

}  // namespace eventbus::servers
