#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace eventbus::avro {

/// Base64 with the usual alphabet and padding (RFC 4648, section 4).
void append_base64(std::string& out, std::span<const std::byte> bytes);

/// Nothing when `text` is not exactly what `append_base64` writes for some bytes.
[[nodiscard]] std::optional<std::vector<std::byte>> decode_base64(std::string_view text);

}  // namespace eventbus::avro
