#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
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

    void write_boolean(bool value) { *grow(1) = value ? std::byte{1} : std::byte{0}; }

    /// int and long: zig-zag, variable length.
    void write_long(std::int64_t value) {
        const std::uint64_t bits = zig_zag(value);
        put_varint(grow(varint_size(bits)), bits);
    }

    /// IEEE 754, little-endian, 4 and 8 bytes.
    void write_float(float value) { write_little_endian(std::bit_cast<std::uint32_t>(value)); }
    void write_double(double value) { write_little_endian(std::bit_cast<std::uint64_t>(value)); }

    void write_bytes(std::span<const std::byte> value) { write_with_length(value.data(), value.size()); }

    /// Throws InvalidValue when `value` is not UTF-8.
    void write_string(std::string_view value) {
        if (!is_utf8(value)) fail_not_utf8();
        write_with_length(value.data(), value.size());
    }

    /// Index of a union's branch.
    void write_branch(std::size_t branch) { write_long(static_cast<std::int64_t>(branch)); }

    /// Begins a block of `count` items of an array or map; 0 ends it. Others write one block, or none when it
    /// is empty.
    void write_block(std::size_t count) { write_long(static_cast<std::int64_t>(count)); }

    /// Bytes as they are: a fixed, or a value encoded before.
    void write_raw(std::span<const std::byte> bytes) { copy(grow(bytes.size()), bytes.data(), bytes.size()); }

  private:
    [[noreturn]] static void fail_not_utf8();

    static constexpr std::uint64_t zig_zag(std::int64_t value) {
        return (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63);
    }

    static constexpr std::size_t varint_size(std::uint64_t bits) {
        return (static_cast<std::size_t>(std::bit_width(bits | 1U)) + 6) / 7;
    }

    static std::byte* put_varint(std::byte* to, std::uint64_t bits) {
        while (bits > 0x7F) {
            *to++ = static_cast<std::byte>(bits | 0x80U);
            bits >>= 7U;
        }
        *to++ = static_cast<std::byte>(bits);
        return to;
    }

    template <class Bits>
    void write_little_endian(Bits bits) {
        std::byte* to = grow(sizeof bits);
        for (std::size_t i = 0; i < sizeof bits; ++i) to[i] = static_cast<std::byte>(bits >> (8 * i));
    }

    void write_with_length(const void* data, std::size_t size) {
        const std::uint64_t length = zig_zag(static_cast<std::int64_t>(size));
        std::byte* to = grow(varint_size(length) + size);
        copy(put_varint(to, length), data, size);
    }

    static void copy(std::byte* to, const void* from, std::size_t size) {
        if (size != 0) std::memcpy(to, from, size);
    }

    /// Room for `size` bytes more at the end.
    std::byte* grow(std::size_t size) {
        const std::size_t at = out_.size();
        out_.resize(at + size);
        return out_.data() + at;
    }

    std::vector<std::byte>& out_;
};

}  // namespace eventbus::avro
