#pragma once

#include <exception>
#include <string>

namespace eventbus {

/// Whether the same call may succeed later (BrokerError::retriable). `failure` is not null.
[[nodiscard]] bool is_retriable(const std::exception_ptr& failure);

/// Throws a BrokerError with this text for a failure to publish: a StorageFull where the cause is one, and as
/// retriable as it is. `cause` is not null.
[[noreturn]] void throw_broker_error(const std::string& text, const std::exception_ptr& cause);

}  // namespace eventbus
