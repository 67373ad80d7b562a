#pragma once

#include <memory>
#include <string>

#include "eventbus/bus/event_context.hpp"

namespace eventbus {

/// A handler that runs a command (`/bin/sh -c`) for each event, with the event as one line of CloudEvents
/// JSON on its standard input. Exit code 0 is success, 65 (EX_DATAERR) means that the event will never
/// succeed (Reject), another code or a signal is a failure: an Error with the end of what the command wrote
/// to standard error. What it writes goes where this process writes.
///
/// A command that the shell cannot run (exit code 126 or 127) is a CommandError, which ends the consumer.
/// The signals of failed writes must be ignored in the process (`ignore_write_signals`). One thread at a time
/// calls it; `kill` is for any.
class ExecHandler {
  public:
    explicit ExecHandler(std::string command);
    ~ExecHandler();
    ExecHandler(const ExecHandler&) = delete;
    ExecHandler& operator=(const ExecHandler&) = delete;

    void operator()(const RawEvent& event);

    /// Kills the command that runs, with its process group, before this process ends. Nothing is run after
    /// it.
    void kill() noexcept;

  private:
    struct Running;
    std::string command_;
    std::string line_;
    std::unique_ptr<Running> running_;
};

}  // namespace eventbus
