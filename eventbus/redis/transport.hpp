#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "eventbus/redis/connect_options.hpp"
#include "eventbus/redis/deadline.hpp"
#include "eventbus/redis/wake_up.hpp"

namespace eventbus::redis {

/// A stream of bytes to a server and back. Closed by its destructor. Used by one thread at a time.
class Transport {
  public:
    Transport() = default;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    virtual ~Transport() = default;

    /// Sends all of it. Throws ConnectionLost, also when the deadline passes first. With TLS it and `receive`
    /// throw a BrokerError that is not retriable when the server refuses the client's certificate.
    virtual void send(std::span<const char> bytes, Deadline deadline) = 0;

    /// Receives what is there, at least one byte; 0 when the deadline passed or `wake_up`, which may be null,
    /// was called first. Throws ConnectionLost, also at the end of the stream.
    [[nodiscard]] virtual std::size_t receive(std::span<char> room, Deadline deadline,
                                              const WakeUp* wake_up) = 0;

    /// Whether the other end has closed the connection; does not wait.
    [[nodiscard]] virtual bool is_closed() const noexcept = 0;

    /// Closes this process's end without a word to the server: for a child that inherited it.
    virtual void abandon() noexcept = 0;
};

/// Connects by TCP or a unix socket, with TLS where the options want it. `address` is not used with a
/// `unix_path`. Throws ConnectionLost that names the address and the reason, and a BrokerError that is not
/// retriable when a certificate or one of its files is to blame.
[[nodiscard]] std::unique_ptr<Transport> open_transport(const ConnectOptions& options, const Address& address,
                                                        Deadline deadline);

}  // namespace eventbus::redis
