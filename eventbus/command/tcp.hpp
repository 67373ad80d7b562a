#pragma once

#include <netdb.h>

#include <chrono>
#include <memory>
#include <optional>

#include "eventbus/command/descriptor.hpp"

namespace eventbus::tcp {

using Clock = std::chrono::steady_clock;
using Addresses = std::unique_ptr<addrinfo, void (*)(addrinfo*)>;

/// A socket that does not block.
[[nodiscard]] Descriptor open_socket(const addrinfo& where);

/// Waits for events of poll(2); false when none came in time.
[[nodiscard]] bool wait_for(const Descriptor& socket, short events, Clock::time_point until);

/// The error number when it cannot be connected in time.
[[nodiscard]] std::optional<int> error_of_connecting(const Descriptor& socket, const addrinfo& where,
                                                     Clock::time_point until);

}  // namespace eventbus::tcp
