#pragma once

#include <exception>
#include <optional>
#include <string>

#include "eventbus/command/exit_code.hpp"
#include "format.hpp"

namespace eventbus::app {

/// What is told of each thing that was looked at, at once: a line of text, or with JSON
/// `{"check": "topic", "state": "ok"|"warning"|"wrong", "text": "..."}`.
class Diagnosis {
  public:
    explicit Diagnosis(Format format) : format_(format) {}

    /// Tells what `look` returns, or what it throws as an error: false then.
    template <class Look>
    bool check(const std::string& what, const Look& look) {
        std::string text;
        try {
            text = look();
        } catch (const std::exception& error) {
            note_wrong(what, error);
            return false;
        }
        tell(what, State::ok, text);
        return true;
    }
    void warn(const std::string& what, const std::string& text) { tell(what, State::warning, text); }

    /// Says how it is on the whole: the exit code of the first error, ok when there was none.
    [[nodiscard]] ExitCode finish();

  private:
    enum class State { ok, warning, wrong };

    void note_wrong(const std::string& what, const std::exception& error);
    void tell(const std::string& what, State state, const std::string& text);

    Format format_;
    Output out_;
    std::optional<ExitCode> first_;
    std::size_t warnings_ = 0;
    std::size_t errors_ = 0;
};

}  // namespace eventbus::app
