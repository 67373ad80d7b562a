#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "eventbus/command/exit_code.hpp"

namespace CLI {
class App;
}

namespace eventbus {

/// Reads a program's arguments. Returns the exit code when there is nothing left to do: help or the version
/// was asked for and printed, or the arguments are wrong, which was told on standard error.
[[nodiscard]] std::optional<ExitCode> parse_command_line(CLI::App& app, int argc, const char* const* argv);

/// Runs a program's body. What it throws is told on standard error (`eventbus: error: ...`) and becomes the
/// exit code; that whoever read standard output has gone is not told, as `| head` does that on purpose.
[[nodiscard]] ExitCode run_reporting(std::string_view program, const std::function<ExitCode()>& body);

/// The last part of the path that a program was called by.
[[nodiscard]] std::string_view program_name(const char* path);

}  // namespace eventbus
