#include "eventbus/command/answer.hpp"

#include <algorithm>

namespace eventbus {

namespace {

// `error TEXT`, or `error` alone.
bool begins_with_word(std::string_view line, std::string_view word, std::string_view& rest) {
    if (!line.starts_with(word)) return false;
    if (line.size() > word.size() && line[word.size()] != ' ') return false;
    rest = line.substr(std::min(line.size(), word.size() + 1));
    return true;
}

}  // namespace

Answer read_answer(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line == "ok") return {Answer::Verdict::ok, {}};
    std::string_view text;
    if (begins_with_word(line, "error", text)) return {Answer::Verdict::error, text};
    if (begins_with_word(line, "reject", text)) return {Answer::Verdict::reject, text};
    return {};
}

}  // namespace eventbus
