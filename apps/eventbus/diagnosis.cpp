#include "diagnosis.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace eventbus::app {

namespace {

/// The lines of a text under the first one.
std::string indented(std::string_view text) {
    std::string lines;
    for (const char character : text) {
        lines += character;
        if (character == '\n') lines += "                ";
    }
    return lines;
}

}  // namespace

void Diagnosis::note_wrong(const std::string& what, const std::exception& error) {
    if (!first_) first_ = exit_code_of(error);
    tell(what, State::wrong, error.what());
}

void Diagnosis::tell(const std::string& what, State state, const std::string& text) {
    constexpr std::array<const char*, 3> for_people{"ok    ", "WARN  ", "WRONG "};
    constexpr std::array<const char*, 3> for_programs{"ok", "warning", "wrong"};
    const auto index = static_cast<std::size_t>(state);
    if (state == State::warning) ++warnings_;
    if (state == State::wrong) ++errors_;
    if (format_ == Format::json) {
        print(out_, {{"check", what}, {"state", for_programs.at(index)}, {"text", text}});
    } else {
        constexpr std::size_t width = 10;
        out_.line(for_people.at(index) + what + std::string(width - std::min(what.size(), width - 1), ' ') +
                  indented(text));
    }
    out_.flush();
}

ExitCode Diagnosis::finish() {
    if (format_ == Format::text) {
        if (errors_ == 0 && warnings_ == 0) out_.line("all is well");
        if (errors_ + warnings_ != 0)
            out_.line(std::to_string(errors_) + " wrong, " + std::to_string(warnings_) + " to look at");
        out_.flush();
    }
    return first_.value_or(ExitCode::ok);
}

}  // namespace eventbus::app
