#pragma once

#include <string>
#include <string_view>

#include "eventbus/event/error.hpp"

namespace eventbus::redis {

/// There is no connection, or it broke: whether commands that were sent and not answered were carried out is
/// not known. Always retriable.
class ConnectionLost : public BrokerError {
  public:
    explicit ConnectionLost(const std::string& what) : BrokerError(what, true) {}
};

/// The server refused a command, which it did not carry out.
class ServerError : public BrokerError {
  public:
    ServerError(const std::string& what, bool retriable, std::string code)
        : BrokerError(what, retriable), code_(std::move(code)) {}
    /// The first word of the server's text: `NOGROUP`, `WRONGTYPE`, `READONLY`, ...
    [[nodiscard]] const std::string& code() const noexcept { return code_; }

  private:
    std::string code_;
};

/// Throws what an error reply means, with the reason and what to do: StorageFull for OOM, else ServerError.
/// `attempt` is what could not be done: `cannot store an event in the stream dev-user-login`. `reply` is the
/// server's text, which is told too, but for words of the command that it may repeat.
[[noreturn]] void throw_server_error(std::string_view attempt, std::string_view reply);

/// Whether the connection should be opened anew before the next command: the server is no longer the master
/// (READONLY, MASTERDOWN), or does not know this client's login any more (NOAUTH).
[[nodiscard]] bool calls_for_reconnection(std::string_view reply);

}  // namespace eventbus::redis
