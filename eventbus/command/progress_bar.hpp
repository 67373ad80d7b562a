#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace eventbus {

/// How far a long piece of work is.
struct Progress {
    std::uint64_t events = 0;
    std::uint64_t bytes = 0;
    /// Nothing when the end is not known.
    std::optional<std::uint64_t> total_bytes;
    std::chrono::milliseconds elapsed{};
};

/// One line of at most `width` columns, without a newline:
/// `[#########           ]  45%  12,345 events  6,170/s  3 s left`. Without a known end the bar is left out.
[[nodiscard]] std::string render_progress(const Progress& progress, std::size_t width);

/// Shows progress on standard error when that is a terminal, drawn anew at most ten times a second; does
/// nothing elsewhere. Not thread-safe.
class ProgressBar {
  public:
    explicit ProgressBar(std::optional<std::uint64_t> total_bytes);
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;
    /// Removes the bar.
    ~ProgressBar();

    void show(std::uint64_t events, std::uint64_t bytes);
    /// Removes the bar, so that something else can be written; the next `show` draws it again.
    void hide();

  private:
    using Clock = std::chrono::steady_clock;
    std::optional<std::uint64_t> total_bytes_;
    bool enabled_;
    bool visible_ = false;
    Clock::time_point started_;
    Clock::time_point drawn_;
};

}  // namespace eventbus
