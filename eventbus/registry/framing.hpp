#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace eventbus {

/// The number that a schema registry gave a schema.
struct SchemaId {
    std::int32_t value = 0;
    friend auto operator<=>(const SchemaId&, const SchemaId&) = default;
};

/// Bytes of the frame before an Avro body: 0, and the schema's id as four bytes, the highest first (the
/// wire format of Confluent's serializers).
inline constexpr std::size_t frame_size = 5;

struct Framed {
    SchemaId id;
    std::span<const std::byte> body;
};

/// `out` becomes the frame and the body.
void write_framed(std::vector<std::byte>& out, SchemaId id, std::span<const std::byte> body);

/// The body is a view into `bytes`. Throws DecodeError when there is no frame.
[[nodiscard]] Framed read_framed(std::span<const std::byte> bytes);

}  // namespace eventbus
