#include "eventbus/avro/reader.hpp"

#include <limits>
#include <string>

#include "eventbus/event/error.hpp"

namespace eventbus::avro {
namespace {

[[noreturn]] void fail(std::size_t at, const std::string& what) {
    throw DecodeError("Avro body, offset " + std::to_string(at) + ": " + what);
}

}  // namespace

std::int64_t Reader::read_long_of_many_bytes() {
    std::uint64_t bits = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        if (next_ + shift / 7 == end_) fail(offset(), "the bytes end within a number");
        const auto byte = static_cast<std::uint64_t>(next_[shift / 7]);
        if (shift == 63 && byte > 1) fail(offset(), "a number does not fit 64 bits");
        bits |= (byte & 0x7FU) << shift;
        if (byte < 0x80) {
            next_ += shift / 7 + 1;
            return un_zig_zag(bits);
        }
    }
    fail(offset(), "a number does not fit 64 bits");
}

std::size_t Reader::check_block(std::size_t at, std::int64_t count, std::size_t least_item_size) {
    std::size_t room = left();
    if (count < 0) {
        if (count == std::numeric_limits<std::int64_t>::min()) fail(at, "a block's count is out of range");
        count = -count;
        const std::int64_t size = read_long();
        if (size < 0 || static_cast<std::uint64_t>(size) > left()) fail_length(at, size);
        room = static_cast<std::size_t>(size);
    }
    const auto items = static_cast<std::uint64_t>(count);
    if (least_item_size == 0) {
        if (items > max_empty_values - empty_values_) fail_empty_values();
        empty_values_ += items;
    } else if (items > room / least_item_size) {
        fail(at, "a block of " + std::to_string(items) + " items cannot fit in " + std::to_string(room) +
                     " bytes");
    }
    return items;
}

void Reader::fail_truncated(std::size_t needed) const {
    fail(offset(), std::to_string(needed) + " bytes are needed, " + std::to_string(left()) + " are left");
}

void Reader::fail_boolean() const {
    fail(offset(), "a boolean is " + std::to_string(std::to_integer<int>(*next_)) + ", not 0 or 1");
}

void Reader::fail_int(std::size_t at, std::int64_t value) {
    fail(at, "the int " + std::to_string(value) + " does not fit 32 bits");
}

void Reader::fail_length(std::size_t at, std::int64_t size) const {
    fail(at, "a length of " + std::to_string(size) + " with " + std::to_string(left()) + " bytes left");
}

void Reader::fail_not_utf8(std::size_t at) { fail(at, "a string is not UTF-8"); }

void Reader::fail_index(const char* what, std::size_t at, std::int64_t index, std::size_t choices) {
    fail(at, std::string(what) + " " + std::to_string(index) + " of " + std::to_string(choices));
}

void Reader::fail_empty_values() const {
    fail(offset(), "more than " + std::to_string(max_empty_values) + " values that take no bytes");
}

void Reader::fail_left_over() const {
    fail(offset(), std::to_string(left()) + " bytes are left over after the value");
}

}  // namespace eventbus::avro
