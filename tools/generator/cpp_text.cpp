#include "cpp_text.hpp"

#include <algorithm>

#include "cpp_names.hpp"

namespace eventbus::generator {

namespace {

bool is_blank(char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; }

}  // namespace

std::string doc_comment(std::string_view text, std::size_t indent) {
    const std::string start = std::string(indent, ' ') + "///";
    std::string out;
    std::string line = start;
    for (std::size_t from = 0; from < text.size();) {
        const auto* const end =
            std::find_if(text.begin() + static_cast<std::ptrdiff_t>(from), text.end(), is_blank);
        const std::string_view word = text.substr(from, static_cast<std::size_t>(end - text.begin()) - from);
        from += word.size() + 1;
        if (word.empty()) continue;
        if (line.size() > start.size() && line.size() + 1 + word.size() > line_width) {
            out += line + "\n";
            line = start;
        }
        line.append(" ").append(word);
        // A backslash at its end would draw the next line into the comment.
        if (word.back() == '\\') line.append(".");
    }
    return out + line + "\n";
}

std::string folded_literal(std::string_view text, std::size_t indent) {
    if (text.size() + 24 <= line_width - indent) return " " + literal(text);
    const std::size_t width = line_width - indent - 10;
    std::string out;
    while (!text.empty()) {
        std::size_t length = std::min(width, text.size());
        // At a blank where there is one, not within a character of several bytes.
        if (length < text.size()) {
            const std::size_t blank = text.substr(0, length).rfind(' ');
            if (blank != std::string_view::npos) length = blank + 1;
        }
        while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) --length;
        out.append("\n").append(indent, ' ').append(literal(text.substr(0, length)));
        text.remove_prefix(length);
    }
    return out;
}

std::string raw_json_literal(std::string_view json, std::size_t indent) {
    constexpr std::string_view begin = "R\"(";
    constexpr std::string_view end = ")\"";
    const std::size_t width = line_width - indent - begin.size() - end.size() - 1;
    std::string out;
    while (!json.empty()) {
        std::size_t length = json.size();
        if (length > width) {
            const std::size_t comma = json.substr(0, width).rfind(", ");
            length = comma == std::string_view::npos ? width : comma + 2;
        }
        out.append("\n").append(indent, ' ').append(begin).append(json.substr(0, length)).append(end);
        json.remove_prefix(length);
    }
    return out;
}

}  // namespace eventbus::generator
