#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "eventbus/command/exit_code.hpp"

namespace eventbus {

/// Output cannot be written: the disk is full, or whoever read it has gone.
class OutputError : public CommandError {
  public:
    OutputError(const std::string& what, bool reader_gone)
        : CommandError(ExitCode::output, what), reader_gone_(reader_gone) {}
    /// The other end of a pipe was closed, as `| head` does.
    [[nodiscard]] bool reader_gone() const noexcept { return reader_gone_; }

  private:
    bool reader_gone_;
};

/// From now on a write to a pipe whose reader has gone, or beyond the limit on the size of files, fails,
/// instead of ending the process (SIGPIPE, SIGXFSZ). Programs of the bus call it first.
void ignore_write_signals();

/// Writes all of `text` to a file descriptor, waiting where it does not block. `name` is for the error:
/// `standard output`. Throws OutputError.
void write_fully(int descriptor, std::string_view text, std::string_view name);

/// Standard output, written in large pieces. What was not flushed is lost, so that an error is never missed.
/// One thread at a time.
class Output {
  public:
    /// Writes a line; the newline is added. Throws OutputError.
    void line(std::string_view text);
    /// Throws OutputError.
    void flush();

  private:
    std::string waiting_;
};

}  // namespace eventbus
