#pragma once

#include "eventbus/redis/connect_options.hpp"
#include "eventbus/redis/deadline.hpp"

namespace eventbus::redis {

/// Where the sentinel says that the service's master is. Throws ConnectionLost, and a BrokerError that is not
/// retriable when it refuses the login or does not know the service.
[[nodiscard]] Address ask_sentinel(const ConnectOptions& options, const Address& sentinel, Deadline deadline);

}  // namespace eventbus::redis
