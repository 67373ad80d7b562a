#pragma once

#include <string>

#include "eventbus/redis/transport.hpp"

namespace eventbus::redis {

/// A file descriptor that is closed at the end.
class Descriptor {
  public:
    explicit Descriptor(int number = -1) noexcept : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept;
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor();

    [[nodiscard]] int get() const noexcept { return number_; }
    int release() noexcept;

  private:
    int number_;
};

enum class Readiness { ready, passed, woken };

/// Waits until the socket is ready for `events` (of poll), the deadline passes, or `wake_up`, which may be
/// null, is called.
[[nodiscard]] Readiness wait_for(int socket, short events, Deadline deadline, const WakeUp* wake_up);

/// Whether the other end of the socket has closed it.
[[nodiscard]] bool is_closed_by_peer(int socket) noexcept;

/// A connected, non-blocking socket. Throws ConnectionLost.
[[nodiscard]] Descriptor connect_unix(const std::string& path, Deadline deadline);
[[nodiscard]] Descriptor connect_tcp(const Address& address, Deadline deadline);

/// Plain bytes over a socket.
class SocketTransport final : public Transport {
  public:
    /// `peer` names the server in errors.
    SocketTransport(Descriptor socket, std::string peer);

    void send(std::span<const char> bytes, Deadline deadline) override;
    [[nodiscard]] std::size_t receive(std::span<char> room, Deadline deadline,
                                      const WakeUp* wake_up) override;
    [[nodiscard]] bool is_closed() const noexcept override;
    void abandon() noexcept override;

  private:
    Descriptor socket_;
    std::string peer_;
};

}  // namespace eventbus::redis
