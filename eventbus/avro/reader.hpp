#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "eventbus/avro/utf8.hpp"

namespace eventbus::avro {

/// Reads values in Avro's binary encoding from bytes that are not trusted: nothing is read past their end,
/// lengths and counts are checked against what is left before memory is taken. Every failure is a DecodeError
/// that names the offset. Views are into the bytes. A copy reads on from the same place.
class Reader {
  public:
    /// How many values that take no bytes (nulls and empty records in arrays) one body may hold.
    static constexpr std::size_t max_empty_values = std::size_t{1} << 20U;

    explicit Reader(std::span<const std::byte> bytes)
        : begin_(bytes.data()), next_(begin_), end_(begin_ + bytes.size()) {}

    /// One byte, 0 or 1. (fastavro takes any other byte for true; Avro has only the two, and others are
    /// refused here.)
    [[nodiscard]] bool read_boolean() {
        if (next_ == end_) fail_truncated(1);
        if (*next_ > std::byte{1}) fail_boolean();
        return *next_++ == std::byte{1};
    }

    /// Zig-zag, at most 10 bytes; forms that are longer than needed are read, as all Avro libraries do.
    [[nodiscard]] std::int64_t read_long() {
        if (next_ != end_ && *next_ < std::byte{0x80})
            return un_zig_zag(static_cast<std::uint64_t>(*next_++));
        return read_long_of_many_bytes();
    }

    /// A long that must fit 32 bits.
    [[nodiscard]] std::int32_t read_int() {
        const std::size_t at = offset();
        const std::int64_t value = read_long();
        if (value < INT32_MIN || value > INT32_MAX) fail_int(at, value);
        return static_cast<std::int32_t>(value);
    }

    [[nodiscard]] float read_float() { return std::bit_cast<float>(read_little_endian<std::uint32_t>()); }
    [[nodiscard]] double read_double() { return std::bit_cast<double>(read_little_endian<std::uint64_t>()); }

    [[nodiscard]] std::span<const std::byte> read_bytes() {
        const std::size_t at = offset();
        const std::int64_t size = read_long();
        if (size < 0 || static_cast<std::uint64_t>(size) > left()) fail_length(at, size);
        return take(static_cast<std::size_t>(size));
    }

    /// Checked to be UTF-8.
    [[nodiscard]] std::string_view read_string() {
        const std::size_t at = offset();
        const auto bytes = read_bytes();
        const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        if (!is_utf8(text)) fail_not_utf8(at);
        return text;
    }

    [[nodiscard]] std::span<const std::byte> read_raw(std::size_t size) {
        if (size > left()) fail_truncated(size);
        return take(size);
    }

    /// Index of a union's branch, below `branches`.
    [[nodiscard]] std::size_t read_branch(std::size_t branches) {
        return read_index("union branch", branches);
    }
    /// Index of an enum's symbol, below `symbols`.
    [[nodiscard]] std::size_t read_symbol(std::size_t symbols) { return read_index("enum symbol", symbols); }

    /// Number of items in the next block of an array or map, 0 at its end. Understands negative counts (block
    /// with a size; the size must be possible, and is not used: the items say where they end).
    /// `least_item_size` is the fewest bytes an item can take (at least 1 unless items are empty): a count
    /// that cannot fit in what is left is an error; items of size 0 are bounded by `max_empty_values`.
    [[nodiscard]] std::size_t read_block(std::size_t least_item_size) {
        const std::size_t at = offset();
        const std::int64_t count = read_long();
        if (count == 0) return 0;
        return check_block(at, count, least_item_size);
    }

    /// Counts a value that takes no bytes; throws when there are more than `max_empty_values`.
    void count_empty_value() {
        if (++empty_values_ > max_empty_values) fail_empty_values();
    }

    [[nodiscard]] std::size_t offset() const { return static_cast<std::size_t>(next_ - begin_); }
    [[nodiscard]] std::size_t left() const { return static_cast<std::size_t>(end_ - next_); }

    /// The bytes from `offset` to here.
    [[nodiscard]] std::span<const std::byte> since(std::size_t offset) const {
        return {begin_ + offset, next_};
    }

    /// Throws when bytes are left over.
    void expect_end() const {
        if (next_ != end_) fail_left_over();
    }

  private:
    static constexpr std::int64_t un_zig_zag(std::uint64_t bits) {
        return static_cast<std::int64_t>((bits >> 1U) ^ (~(bits & 1U) + 1U));
    }

    template <class Bits>
    Bits read_little_endian() {
        if (left() < sizeof(Bits)) fail_truncated(sizeof(Bits));
        Bits bits = 0;
        for (std::size_t i = 0; i < sizeof bits; ++i) bits |= static_cast<Bits>(next_[i]) << (8 * i);
        next_ += sizeof bits;
        return bits;
    }

    std::span<const std::byte> take(std::size_t size) {
        const std::span<const std::byte> bytes(next_, size);
        next_ += size;
        return bytes;
    }

    std::size_t read_index(const char* what, std::size_t choices) {
        const std::size_t at = offset();
        const std::int64_t index = read_long();
        if (index < 0 || static_cast<std::uint64_t>(index) >= choices) fail_index(what, at, index, choices);
        return static_cast<std::size_t>(index);
    }

    std::int64_t read_long_of_many_bytes();
    std::size_t check_block(std::size_t at, std::int64_t count, std::size_t least_item_size);

    [[noreturn]] void fail_truncated(std::size_t needed) const;
    [[noreturn]] void fail_boolean() const;
    [[noreturn]] static void fail_int(std::size_t at, std::int64_t value);
    [[noreturn]] void fail_length(std::size_t at, std::int64_t size) const;
    [[noreturn]] static void fail_not_utf8(std::size_t at);
    [[noreturn]] static void fail_index(const char* what, std::size_t at, std::int64_t index,
                                        std::size_t choices);
    [[noreturn]] void fail_empty_values() const;
    [[noreturn]] void fail_left_over() const;

    const std::byte* begin_;
    const std::byte* next_;
    const std::byte* end_;
    std::size_t empty_values_ = 0;
};

}  // namespace eventbus::avro
