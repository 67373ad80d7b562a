#include "eventbus/avro/utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace eventbus::avro {
namespace {

/// What may follow a lead byte: how many bytes, and the range of the first of them (RFC 3629, section 4).
struct Sequence {
    std::size_t following;
    unsigned char low;
    unsigned char high;
};

constexpr Sequence sequence_of(unsigned char lead) {
    if (lead >= 0xC2 && lead <= 0xDF) return {1, 0x80, 0xBF};
    if (lead == 0xE0) return {2, 0xA0, 0xBF};
    if (lead == 0xED) return {2, 0x80, 0x9F};
    if (lead >= 0xE1 && lead <= 0xEF) return {2, 0x80, 0xBF};
    if (lead == 0xF0) return {3, 0x90, 0xBF};
    if (lead >= 0xF1 && lead <= 0xF3) return {3, 0x80, 0xBF};
    if (lead == 0xF4) return {3, 0x80, 0x8F};
    return {0, 0, 0};
}

constexpr std::uint64_t high_bits = 0x8080808080808080U;

std::uint64_t load_word(const char* bytes) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    return word;
}

/// Length of the sequence that starts with a byte above 0x7F; 0 when it is none.
std::size_t sequence_length(const char* next, std::size_t left) noexcept {
    const Sequence sequence = sequence_of(static_cast<unsigned char>(*next));
    if (sequence.following == 0 || sequence.following >= left) return 0;
    const auto second = static_cast<unsigned char>(next[1]);
    if (second < sequence.low || second > sequence.high) return 0;
    for (std::size_t i = 2; i <= sequence.following; ++i) {
        if ((static_cast<unsigned char>(next[i]) & 0xC0U) != 0x80U) return 0;
    }
    return sequence.following + 1;
}

}  // namespace

bool is_utf8(std::string_view text) noexcept {
    const char* next = text.data();
    std::size_t left = text.size();
    while (left != 0) {
        if (left >= sizeof(std::uint64_t) && (load_word(next) & high_bits) == 0) {
            next += sizeof(std::uint64_t);
            left -= sizeof(std::uint64_t);
            continue;
        }
        std::size_t length = 1;
        if (static_cast<unsigned char>(*next) > 0x7F) {
            length = sequence_length(next, left);
            if (length == 0) return false;
        }
        next += length;
        left -= length;
    }
    return true;
}

}  // namespace eventbus::avro
