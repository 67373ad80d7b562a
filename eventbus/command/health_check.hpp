#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace eventbus {

/// What a probe says of a consumer's heartbeat file: why the consumer is not well, for a person to read;
/// nothing when it is. `timeout` is the age from which it counts as hanging, by the machine's clock.
[[nodiscard]] std::optional<std::string> complaint_of_file(const std::string& path,
                                                           std::chrono::milliseconds timeout);

/// The same of its health port. `host` is an IPv4 or IPv6 address in numbers; takes at most about `limit`.
/// Throws InvalidValue for a host that is none.
[[nodiscard]] std::optional<std::string> complaint_of_port(const std::string& host, std::uint16_t port,
                                                           std::chrono::milliseconds limit);

}  // namespace eventbus
