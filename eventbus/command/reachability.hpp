#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace eventbus {

struct HostAndPort {
    std::string host;
    std::uint16_t port = 0;
    friend bool operator==(const HostAndPort&, const HostAndPort&) = default;
};

/// Reads `host:9092, [::1]:9093`, a protocol before a name left out (`SASL_SSL://host:9092`). Throws
/// InvalidValue that names the part that is none.
[[nodiscard]] std::vector<HostAndPort> parse_addresses(std::string_view list, std::uint16_t usual_port);

/// Why a host's name cannot be resolved; nothing when it can.
[[nodiscard]] std::optional<std::string> complaint_of_name(const std::string& host);

/// Why no connection can be made within `limit`, to any of the host's addresses; nothing when one can.
[[nodiscard]] std::optional<std::string> complaint_of_address(const HostAndPort& where,
                                                              std::chrono::milliseconds limit);

}  // namespace eventbus
