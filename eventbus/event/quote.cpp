#include "eventbus/event/quote.hpp"

#include <cstdint>

#include "eventbus/event/word_characters.hpp"

namespace eventbus {

std::string quote(std::string_view text) {
    constexpr std::size_t most = 100;
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out = "\"";
    std::size_t at = 0;
    while (at < text.size() && at < most) {
        const std::size_t start = at;
        const char32_t c = next_character(text, at);
        if (c == invalid_character || c < 0x20 || c == 0x7F) {
            at = start + 1;
            const auto byte = static_cast<std::uint8_t>(text[start]);
            out.append("\\x").push_back(digits[byte >> 4]);
            out.push_back(digits[byte & 15]);
        } else {
            if (c == U'"' || c == U'\\') out.push_back('\\');
            out.append(text.substr(start, at - start));
        }
    }
    out.push_back('"');
    if (at < text.size()) out.append("... (" + std::to_string(text.size()) + " bytes)");
    return out;
}

}  // namespace eventbus
