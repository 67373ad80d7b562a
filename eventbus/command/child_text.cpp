#include "eventbus/command/child_text.hpp"

#include "eventbus/event/word_characters.hpp"

namespace eventbus {

namespace {

// The bytes after the first of a character: 10xxxxxx.
bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

std::string_view without_outer_space(std::string_view text) {
    constexpr std::string_view space = " \t\r\n";
    const std::size_t first = text.find_first_not_of(space);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(space) - first + 1);
}

}  // namespace

std::string tail_of(std::string_view text) {
    text = without_outer_space(text);
    std::string tail;
    if (text.size() > tail_size) {
        text.remove_prefix(text.size() - tail_size);
        while (!text.empty() && continues_character(text.front())) text.remove_prefix(1);
        tail = "...";
    }
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t start = at;
        const char32_t c = next_character(text, at);
        if (c == U'\n') {
            tail += " / ";
        } else if (c == invalid_character || c < 0x20 || c == 0x7F) {
            at = start + 1;
            tail += '?';
        } else {
            tail += text.substr(start, at - start);
        }
    }
    return tail;
}

}  // namespace eventbus
