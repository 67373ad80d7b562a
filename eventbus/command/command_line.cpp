#include "eventbus/command/command_line.hpp"

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "eventbus/command/log_lines.hpp"
#include "eventbus/command/output.hpp"
#include "eventbus/event/nearest.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

// The subcommand that the arguments are of, as far as they were understood.
const CLI::App& innermost(const CLI::App& app) {
    const auto parsed = app.get_subcommands();
    return parsed.empty() ? app : innermost(*parsed.back());
}

std::string full_name(const CLI::App& app) {
    const CLI::App* parent = app.get_parent();
    return parent == nullptr ? app.get_name() : full_name(*parent) + " " + app.get_name();
}

// The flag or subcommand that was meant, maybe.
std::string hint(const CLI::App& app, const std::string& word) {
    std::vector<std::string> names;
    for (const CLI::Option* option : app.get_options())
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
        names.push_back(command->get_name());
    const std::vector<std::string_view> known(names.begin(), names.end());
    const std::string_view near = nearest_name(word, known);
    return near.empty() ? std::string() : "; did you mean " + std::string(near) + "?";
}

std::string complaint(const CLI::App& app, const CLI::ParseError& error) {
    const CLI::App& command = innermost(app);
    const auto unknown = app.remaining(true);
    std::string text = error.what();
    if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && !unknown.empty()) {
        text = "there is no " + quote(unknown.front()) + " here";
        if (const std::string near = hint(command, unknown.front()); !near.empty()) return text + near;
    }
    return text + "; `" + full_name(command) + " --help` tells how to use it";
}

// Lines short enough to be read; the library indents them.
std::string wrapped(const std::string& text) {
    constexpr std::size_t width = 76;
    std::string out;
    std::size_t begin = 0;
    while (text.size() - begin > width) {
        std::size_t end = text.rfind(' ', begin + width);
        if (end == std::string::npos || end <= begin) break;
        out.append(text, begin, end - begin).push_back('\n');
        begin = end + 1;
    }
    return out.append(text, begin);
}

std::string help(CLI::App& app) {
    CLI::App* command = &app;
    while (!command->get_subcommands().empty()) command = command->get_subcommands().back();
    for (CLI::Option* option : command->get_options([](CLI::Option*) { return true; }))
        option->description(wrapped(option->get_description()));
    for (CLI::App* below : command->get_subcommands([](const CLI::App*) { return true; }))
        below->description(wrapped(below->get_description()));
    return app.help();
}

}  // namespace

std::optional<ExitCode> parse_command_line(CLI::App& app, int argc, const char* const* argv) {
    try {
        app.parse(argc, argv);
        return std::nullopt;
    } catch (const CLI::CallForHelp&) {
        Output out;
        out.line(help(app));
        out.flush();
        return ExitCode::ok;
    } catch (const CLI::CallForVersion& version) {
        Output out;
        out.line(version.what());
        out.flush();
        return ExitCode::ok;
    } catch (const CLI::ParseError& error) {
        report(app.get_name(), LogLevel::error, complaint(app, error));
        return ExitCode::usage;
    }
}

ExitCode run_reporting(std::string_view program, const std::function<ExitCode()>& body) {
    try {
        return body();
    } catch (const OutputError& error) {
        if (!error.reader_gone()) report(program, LogLevel::error, error.what());
        return error.code();
    } catch (const std::exception& error) {
        const ExitCode code = exit_code_of(error);
        report(program, LogLevel::error,
               code == ExitCode::unexpected ? std::string("unexpected: ") + error.what() : error.what());
        return code;
    }
}

std::string_view program_name(const char* path) {
    const std::string_view text(path == nullptr ? "" : path);
    const std::size_t slash = text.rfind('/');
    return slash == std::string_view::npos ? text : text.substr(slash + 1);
}

}  // namespace eventbus
