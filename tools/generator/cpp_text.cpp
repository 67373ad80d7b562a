#include "cpp_text.hpp"

#include "cpp_names.hpp"

namespace eventbus::generator {

std::string doc_comment(std::string_view text, std::size_t indent) {
    const std::string start = std::string(indent, ' ') + "///";
    std::string out;
    std::string line = start;
    for (std::size_t from = 0; from < text.size();) {
        const std::size_t to = std::min(text.find_first_of(" \n", from), text.size());
        const std::string_view word = text.substr(from, to - from);
        from = to + 1;
        if (word.empty()) continue;
        if (line.size() > start.size() && line.size() + 1 + word.size() > line_width) {
            out += line + "\n";
            line = start;
        }
        line.append(" ").append(word);
    }
    return out + line + "\n";
}

std::string folded_literal(std::string_view text, std::size_t indent) {
    const std::size_t width = line_width - indent - 10;
    if (text.size() <= width) return literal(text);
    std::string out;
    while (!text.empty()) {
        std::size_t length = std::min(width, text.size());
        // Not within a character of several bytes.
        while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) --length;
        out.append("\n").append(indent, ' ').append(literal(text.substr(0, length)));
        text.remove_prefix(length);
    }
    return out;
}

}  // namespace eventbus::generator
