#include "eventbus/command/log_lines.hpp"

#include <unistd.h>

#include "eventbus/command/output.hpp"
#include "eventbus/command/terminal.hpp"

namespace eventbus {

namespace {

std::string_view colour_of(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return "\x1b[2m";
        case LogLevel::info:
            return "\x1b[32m";
        case LogLevel::warning:
            return "\x1b[33m";
        case LogLevel::error:
            return "\x1b[31m";
    }
    return "";
}

void append_level(std::string& line, LogLevel level, bool colour) {
    if (colour) line += colour_of(level);
    line += to_string(level);
    if (colour) line += "\x1b[0m";
}

LogLevel least_level(const Settings& settings) {
    const std::string name = settings.get(setting::LOG_LEVEL);
    for (const LogLevel level : {LogLevel::debug, LogLevel::info, LogLevel::warning})
        if (name == to_string(level)) return level;
    return LogLevel::error;
}

// A log that cannot be written is no reason to stop working.
void write_to_stderr(std::string_view line) {
    try {
        write_fully(STDERR_FILENO, line, "standard error");
    } catch (const OutputError&) {
        return;
    }
}

}  // namespace

std::string log_line(LogLevel level, Timestamp time, std::string_view message, bool colour) {
    std::string line = to_iso8601(time);
    line += ' ';
    append_level(line, level, colour);
    line += ' ';
    line += message;
    line += '\n';
    return line;
}

LogSink log_to_stderr(const Settings& settings) {
    return [least = least_level(settings), colour = shows_colour(STDERR_FILENO)](LogLevel level,
                                                                                 std::string_view message) {
        if (level >= least) write_to_stderr(log_line(level, now(), message, colour));
    };
}

void report(std::string_view program, LogLevel level, std::string_view message) {
    std::string line(program);
    line += ": ";
    append_level(line, level, shows_colour(STDERR_FILENO));
    line += ": ";
    line += message;
    line += '\n';
    write_to_stderr(line);
}

}  // namespace eventbus
