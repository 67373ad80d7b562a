#include "eventbus/command/progress_bar.hpp"

#include <unistd.h>

#include <algorithm>

#include "eventbus/command/output.hpp"
#include "eventbus/command/terminal.hpp"

namespace eventbus {

namespace {

std::string with_commas(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
    return text;
}

std::string left(double seconds) {
    constexpr double an_hour = 3600;
    if (seconds >= an_hour) return std::to_string(static_cast<std::uint64_t>(seconds / an_hour)) + " h left";
    if (seconds >= 60) return std::to_string(static_cast<std::uint64_t>(seconds / 60)) + " min left";
    return std::to_string(static_cast<std::uint64_t>(seconds)) + " s left";
}

std::string bar(double share, std::size_t cells) {
    const auto full = std::min(cells, static_cast<std::size_t>(share * static_cast<double>(cells)));
    return "[" + std::string(full, '#') + std::string(cells - full, ' ') + "] ";
}

void write_to_terminal(std::string_view text) {
    try {
        write_fully(STDERR_FILENO, text, "standard error");
    } catch (const OutputError&) {
        return;
    }
}

}  // namespace

std::string render_progress(const Progress& progress, std::size_t width) {
    constexpr std::size_t widest_bar = 40;
    constexpr std::size_t frame = 3;
    const double seconds = std::max(0.001, std::chrono::duration<double>(progress.elapsed).count());
    std::string text;
    double share = 0;
    if (progress.total_bytes) {
        const double total = static_cast<double>(std::max<std::uint64_t>(1, *progress.total_bytes));
        share = std::min(1.0, static_cast<double>(progress.bytes) / total);
        const std::string percent = std::to_string(static_cast<int>(share * 100));
        text = std::string(3 - std::min<std::size_t>(3, percent.size()), ' ') + percent + "%  ";
    }
    text += with_commas(progress.events) + " events  " +
            with_commas(static_cast<std::uint64_t>(static_cast<double>(progress.events) / seconds)) + "/s";
    if (progress.total_bytes && share > 0) text += "  " + left(seconds / share - seconds);
    if (progress.total_bytes && width > text.size() + frame + 4)
        text = bar(share, std::min(widest_bar, width - text.size() - frame)) + text;
    text.resize(std::min(text.size(), width));
    return text;
}

ProgressBar::ProgressBar(std::optional<std::uint64_t> total_bytes)
    : total_bytes_(total_bytes),
      enabled_(is_terminal(STDERR_FILENO)),
      started_(Clock::now()),
      drawn_(started_) {}

ProgressBar::~ProgressBar() { hide(); }

void ProgressBar::show(std::uint64_t events, std::uint64_t bytes) {
    constexpr auto interval = std::chrono::milliseconds(100);
    if (!enabled_) return;
    const auto time = Clock::now();
    if (time - drawn_ < interval) return;
    drawn_ = time;
    visible_ = true;
    const Progress progress{events, bytes, total_bytes_,
                            std::chrono::duration_cast<std::chrono::milliseconds>(time - started_)};
    write_to_terminal("\r\x1b[K" + render_progress(progress, terminal_width(STDERR_FILENO) - 1));
}

void ProgressBar::hide() {
    if (!visible_) return;
    visible_ = false;
    write_to_terminal("\r\x1b[K");
}

}  // namespace eventbus
