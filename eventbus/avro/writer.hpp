#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace eventbus::avro {

/// Appends values in Avro's binary encoding (Avro 1.11, "Binary Encoding") to a buffer of the caller. No allocation but the
/// buffer's growth.
class Writer {
  public:
    explicit Writer(std::vector<std::byte>& out) : out_(out) {}

    void write_boolean(bool value);
    /// int and long: zig-zag, variable length.
    void write_long(std::int64_t value);
    void write_float(float value);
    void write_double(double value);
    void write_bytes(std::span<const std::byte> value);
    /// Throws InvalidValue when `value` is not UTF-8.
    void write_string(std::string_view value);
    /// Bytes as they are: a fixed, or a value encoded before.
    void write_raw(std::span<const std::byte> bytes);

  private:
    std::vector<std::byte>& out_;
};

}  // namespace eventbus::avro
