#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace eventbus::avro {

/// Reads values in Avro's binary encoding from bytes that are not trusted: nothing is read past their end, lengths and counts are
/// checked against what is left before memory is taken, nesting is bounded. Every failure is a DecodeError that
/// names the offset. Views are into the bytes.
class Reader {
  public:
    explicit Reader(std::span<const std::byte> bytes) : begin_(bytes.data()), next_(begin_), end_(begin_ + bytes.size()) {}

    [[nodiscard]] bool read_boolean();
    [[nodiscard]] std::int64_t read_long();
    /// A long that must fit 32 bits.
    [[nodiscard]] std::int32_t read_int();
    [[nodiscard]] float read_float();
    [[nodiscard]] double read_double();
    [[nodiscard]] std::span<const std::byte> read_bytes();
    /// Checked to be UTF-8.
    [[nodiscard]] std::string_view read_string();
    [[nodiscard]] std::span<const std::byte> read_raw(std::size_t size);
    /// Index of a union's branch, below `branches`.
    [[nodiscard]] std::size_t read_branch(std::size_t branches);

    /// Number of items in the next block of an array or map, 0 at its end. Understands negative counts (block with a
    /// size). `least_item_size` is the fewest bytes an item can take (at least 1 unless items are empty): a count that
    /// cannot fit in what is left is an error; items of size 0 are bounded too.
    [[nodiscard]] std::size_t read_block(std::size_t least_item_size);

    [[nodiscard]] std::size_t offset() const { return static_cast<std::size_t>(next_ - begin_); }
    [[nodiscard]] std::size_t left() const { return static_cast<std::size_t>(end_ - next_); }
    /// Throws when bytes are left over.
    void expect_end() const;

  private:
    const std::byte* begin_;
    const std::byte* next_;
    const std::byte* end_;
};

}  // namespace eventbus::avro
