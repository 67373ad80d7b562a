#include "eventbus/avro/base64.hpp"

#include <array>
#include <cstdint>

namespace eventbus::avro {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t no_digit = 0xFF;

constexpr std::array<std::uint8_t, 256> digits = [] {
    std::array<std::uint8_t, 256> values{};
    values.fill(no_digit);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return values;
}();

/// The bits of up to 3 bytes, left in 24.
std::uint32_t group_of(std::span<const std::byte> bytes) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        group = (group << 8U) | (i < bytes.size() ? std::to_integer<std::uint32_t>(bytes[i]) : 0U);
    }
    return group;
}

}  // namespace

void append_base64(std::string& out, std::span<const std::byte> bytes) {
    out.reserve(out.size() + (bytes.size() + 2) / 3 * 4);
    for (; !bytes.empty(); bytes = bytes.subspan(bytes.size() < 3 ? bytes.size() : 3)) {
        const std::uint32_t group = group_of(bytes);
        for (std::size_t i = 0; i < 4; ++i) {
            out += i <= bytes.size() ? alphabet[(group >> (18 - 6 * i)) & 0x3FU] : '=';
        }
    }
}

std::optional<std::vector<std::byte>> decode_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
    std::vector<std::byte> bytes;
    bytes.reserve(text.size() / 4 * 3);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_padding = i >= text.size() - padding;
        const std::uint8_t digit = is_padding ? std::uint8_t{0} : digits[static_cast<unsigned char>(text[i])];
        if (digit == no_digit) return std::nullopt;
        group = (group << 6U) | digit;
        if (i % 4 != 3) continue;
        for (unsigned shift : {16U, 8U, 0U})
            bytes.push_back(static_cast<std::byte>((group >> shift) & 0xFFU));
        group = 0;
    }
    for (; padding != 0; --padding) {
        if (bytes.back() != std::byte{0}) return std::nullopt;
        bytes.pop_back();
    }
    return bytes;
}

}  // namespace eventbus::avro
