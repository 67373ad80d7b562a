#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "eventbus/avro/utf8.hpp"

namespace eventbus::avro {

/// Appends values in Avro's binary encoding (Avro 1.11, "Binary Encoding") to a buffer of the caller. No
/// allocation but the buffer's growth.
class Writer {
  public:
    explicit Writer(std::vector<std::byte>& out) : out_(out) {}

    void write_boolean(bool value) { out_.push_back(value ? std::byte{1} : std::byte{0}); }

    /// int and long: zig-zag, variable length.
    void write_long(std::int64_t value) {
        std::uint64_t bits = zig_zag(value);
        if (bits <= 0x7F) return out_.push_back(static_cast<std::byte>(bits));
        std::array<std::byte, 10> bytes;
        std::size_t size = 0;
        for (; bits > 0x7F; bits >>= 7U) bytes[size++] = static_cast<std::byte>(bits | 0x80U);
        bytes[size++] = static_cast<std::byte>(bits);
        append(bytes.data(), size);
    }

    /// IEEE 754, little-endian, 4 and 8 bytes.
    void write_float(float value) { write_little_endian(std::bit_cast<std::uint32_t>(value)); }
    void write_double(double value) { write_little_endian(std::bit_cast<std::uint64_t>(value)); }

    void write_bytes(std::span<const std::byte> value) { write_with_length(value.data(), value.size()); }

    /// Throws InvalidValue when `value` is not UTF-8.
    void write_string(std::string_view value) {
        if (!is_utf8(value)) fail_not_utf8();
        const auto bytes = std::as_bytes(std::span(value));
        write_with_length(bytes.data(), bytes.size());
    }

    /// Index of a union's branch.
    void write_branch(std::size_t branch) { write_long(static_cast<std::int64_t>(branch)); }

    /// Begins a block of `count` items of an array or map; 0 ends it. Others write one block, or none when it
    /// is empty.
    void write_block(std::size_t count) { write_long(static_cast<std::int64_t>(count)); }

    /// Bytes as they are: a fixed, or a value encoded before.
    void write_raw(std::span<const std::byte> bytes) { append(bytes.data(), bytes.size()); }

  private:
    [[noreturn]] static void fail_not_utf8();

    static constexpr std::uint64_t zig_zag(std::int64_t value) {
        return (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63);
    }

    template <class Bits>
    void write_little_endian(Bits bits) {
        std::array<std::byte, sizeof bits> bytes;
        for (std::size_t i = 0; i < sizeof bits; ++i) bytes[i] = static_cast<std::byte>(bits >> (8 * i));
        append(bytes.data(), bytes.size());
    }

    void write_with_length(const std::byte* data, std::size_t size) {
        write_long(static_cast<std::int64_t>(size));
        append(data, size);
    }

    // As `resize` would first fill with zeros what is written over then.
    void append(const std::byte* data, std::size_t size) { out_.insert(out_.end(), data, data + size); }

    std::vector<std::byte>& out_;
};

}  // namespace eventbus::avro
