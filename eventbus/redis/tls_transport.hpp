#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "eventbus/redis/socket_transport.hpp"

namespace eventbus::redis {

/// TLS over a socket.
class TlsTransport final : public Transport {
  public:
    /// Shakes hands. `host` is the name or the address that the certificate must be for, `peer` names the
    /// server in errors. Throws ConnectionLost, and a BrokerError that is not retriable when a certificate is
    /// to blame.
    TlsTransport(Descriptor socket, const TlsOptions& options, const std::string& host, std::string peer,
                 Deadline deadline);

    void send(std::span<const char> bytes, Deadline deadline) override;
    [[nodiscard]] std::size_t receive(std::span<char> room, Deadline deadline,
                                      const WakeUp* wake_up) override;
    [[nodiscard]] bool is_closed() const noexcept override;
    void abandon() noexcept override;

  private:
    struct Free {
        void operator()(SSL* session) const noexcept { ::SSL_free(session); }
    };

    void shake_hands(Deadline deadline);
    [[noreturn]] void refuse_handshake(int error) const;
    [[noreturn]] void fail(int error) const;
    [[noreturn]] void fail_to_send(int error);

    Descriptor socket_;
    std::string peer_;
    std::unique_ptr<SSL, Free> session_;
};

}  // namespace eventbus::redis
