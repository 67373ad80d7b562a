#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "eventbus/bus/event_context.hpp"
#include "eventbus/event/log.hpp"

namespace eventbus {

/// A handler that keeps one command (`/bin/sh -c`) running and gives it each event as one line of CloudEvents
/// JSON on its standard input. The command answers each line with one line, of at most 64 KiB, on its
/// standard output:
///     ok              the event is handled; an empty line means the same
///     error TEXT      it is not handled, for this reason: an Error
///     reject TEXT     it will never succeed: a Reject
/// Any other answer, or an end before the answer, is a failure of the event, and the command is started
/// afresh for the next one: after 0.1 s, then twice as long for each time without an answer in between, at
/// most 30 s. So is a command that ended or said something between two events, which is no event's failure.
/// Its standard error is that of this process.
///
/// A command that the shell cannot run (exit code 126 or 127) is a CommandError, which ends the consumer, and
/// so is a stop that is asked for while it waits to start the command. The signals of failed writes must be
/// ignored in the process (`ignore_write_signals`). One thread at a time calls it; `kill` is for any.
class PipeHandler {
  public:
    /// `stop` ends waiting; `log` gets a warning when an answer takes long.
    PipeHandler(std::string command, std::stop_token stop, LogSink log);
    /// Closes the command's standard input, which asks it to end; after 2 s it is sent SIGTERM, after 2 more
    /// SIGKILL.
    ~PipeHandler();
    PipeHandler(const PipeHandler&) = delete;
    PipeHandler& operator=(const PipeHandler&) = delete;

    void operator()(const RawEvent& event);

    /// Kills the command, with its process group, before this process ends. Nothing is run after it.
    void kill() noexcept;

  private:
    class Program;
    std::unique_ptr<Program> program_;
    std::string line_;
};

}  // namespace eventbus
