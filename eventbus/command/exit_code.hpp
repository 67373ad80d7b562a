#pragma once

#include <exception>
#include <string>

#include "eventbus/event/error.hpp"

namespace eventbus {

/// How a program of the event bus ends: the same codes for every command. docs/exit-codes.md explains each.
enum class ExitCode : int {
    ok = 0,
    /// Something that should not happen: a defect, or no memory.
    unexpected = 1,
    /// The command line cannot be understood.
    usage = 2,
    /// A setting is missing or wrong.
    settings = 3,
    /// Data, a key, a name or an event type is not what it should be.
    bad_input = 4,
    /// The store or server behind the bus failed.
    broker = 5,
    /// A topic or group does not exist.
    not_found = 6,
    /// The store or server has no room.
    storage_full = 7,
    /// A consumer or a replay came to its end, and could not handle some events.
    events_failed = 8,
    /// A consumer was asked to stop, and its handler still ran when the time for it was over.
    overdue = 9,
    /// Standard output, or a file to write, cannot be written.
    output = 10,
    /// The program of `--exec` or `--pipe` cannot be run.
    handler_program = 11,
    /// A consumer met too many errors in a row.
    too_many_errors = 12,
    /// A consumer that was asked after is not well.
    unhealthy = 13,
    /// A schema is not the registered one, or may not be registered.
    schema_differs = 14,
};

/// An error with an exit code of its own. Thrown by a handler it ends the consumer, and leaves the event to
/// be handed out again.
class CommandError : public ConsumerMustEnd {
  public:
    CommandError(ExitCode code, const std::string& what) : ConsumerMustEnd(what), code_(code) {}
    [[nodiscard]] ExitCode code() const noexcept { return code_; }

  private:
    ExitCode code_;
};

/// The exit code that says what sort of error it is.
[[nodiscard]] ExitCode exit_code_of(const std::exception& error);

/// The exit code of a program that a signal made end, as shells have it: 128 and the signal's number.
[[nodiscard]] ExitCode exit_code_of_signal(int signal);

}  // namespace eventbus
