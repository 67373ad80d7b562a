#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace eventbus::app {

/// Reads lines from a file descriptor, until its end or until a stop is asked for. Memory is bounded by the
/// longest line that is allowed.
class LineReader {
  public:
    /// `name` is for errors. The descriptor stays the caller's.
    LineReader(int descriptor, std::string name, std::stop_token stop);
    LineReader(const LineReader&) = delete;
    LineReader& operator=(const LineReader&) = delete;
    ~LineReader();

    enum class Got { line, too_long, end, stopped };

    /// Reads the next line, to be had from `line` until the next call. Of one that is too long nothing is
    /// kept. Throws CommandError (bad input) when reading fails.
    [[nodiscard]] Got next();
    /// Whether a line is there without waiting for it.
    [[nodiscard]] bool has_line_waiting() const;

    /// Without its newline.
    [[nodiscard]] std::string_view line() const { return line_; }
    /// Of the last line; the first is 1.
    [[nodiscard]] std::uint64_t number() const { return number_; }
    /// Bytes read so far.
    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
    /// The size of what is read, when it is a file.
    [[nodiscard]] std::optional<std::uint64_t> total_bytes() const;

  private:
    /// Takes a line out of the buffer, if one is there.
    [[nodiscard]] std::optional<Got> take_line(bool at_end);
    /// Reads more into the buffer; false at the end.
    [[nodiscard]] bool read_more();
    /// False when a stop was asked for.
    [[nodiscard]] bool wait_for_input() const;

    int descriptor_;
    std::string name_;
    std::stop_token stop_;
    int stop_event_;
    std::string buffer_;
    std::size_t begin_ = 0;
    std::size_t searched_ = 0;
    bool skipping_ = false;
    bool ended_ = false;
    std::string_view line_;
    std::uint64_t number_ = 0;
    std::uint64_t bytes_ = 0;
};

}  // namespace eventbus::app
