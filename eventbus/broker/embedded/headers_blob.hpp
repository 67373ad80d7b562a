#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "eventbus/broker/event.hpp"

namespace eventbus::embedded {

/// Headers as one blob: for each, the length of the name (4 bytes, little-endian), the name, the length of
/// the value, the value.
[[nodiscard]] std::vector<std::byte> pack(const Headers& headers);

/// Throws DecodeError for a blob that is not of this form.
[[nodiscard]] Headers unpack(std::span<const std::byte> blob);

}  // namespace eventbus::embedded
