#include "line_reader.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "eventbus/command/exit_code.hpp"

namespace eventbus::app {

namespace {

// As much as the readers of JSON take.
constexpr std::size_t longest_line = 16 * 1024 * 1024;
constexpr std::size_t piece = 64 * 1024;

}  // namespace

LineReader::LineReader(int descriptor, std::string name, std::stop_token stop)
    : descriptor_(descriptor),
      name_(std::move(name)),
      stop_(std::move(stop)),
      stop_event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (stop_event_ < 0)
        throw std::system_error(errno, std::generic_category(), "an event descriptor cannot be made");
}

LineReader::~LineReader() { ::close(stop_event_); }

std::optional<std::uint64_t> LineReader::total_bytes() const {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    return static_cast<std::uint64_t>(status.st_size);
}

LineReader::Got LineReader::next() {
    for (;;) {
        if (const auto got = take_line(false)) return *got;
        if (ended_) return take_line(true).value_or(Got::end);
        if (!wait_for_input()) return Got::stopped;
        ended_ = !read_more();
    }
}

bool LineReader::has_line_waiting() const { return buffer_.find('\n', begin_) != std::string::npos; }

std::optional<LineReader::Got> LineReader::take_line(bool at_end) {
    std::size_t end = buffer_.find('\n', std::max(begin_, searched_));
    searched_ = buffer_.size();
    if (end == std::string::npos) {
        if (buffer_.size() - begin_ > longest_line) {
            skipping_ = true;
            buffer_.clear();
            begin_ = searched_ = 0;
        }
        if (!at_end || (begin_ == buffer_.size() && !skipping_)) return std::nullopt;
        end = buffer_.size();
    }
    line_ = std::string_view(buffer_).substr(begin_, end - begin_);
    begin_ = std::min(buffer_.size(), end + 1);
    searched_ = begin_;
    ++number_;
    const bool too_long = std::exchange(skipping_, false) || line_.size() > longest_line;
    return too_long ? Got::too_long : Got::line;
}

bool LineReader::read_more() {
    buffer_.erase(0, begin_);
    searched_ -= std::min(searched_, begin_);
    begin_ = 0;
    const std::size_t before = buffer_.size();
    buffer_.resize(before + piece);
    ssize_t got = 0;
    do {
        got = ::read(descriptor_, buffer_.data() + before, piece);
    } while (got < 0 && errno == EINTR);
    const int error = errno;
    buffer_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(0, got)));
    if (got < 0 && error == EAGAIN) return true;
    if (got < 0)
        throw CommandError(ExitCode::bad_input,
                           name_ + " cannot be read: " + std::generic_category().message(error));
    bytes_ += static_cast<std::uint64_t>(got);
    return got > 0;
}

bool LineReader::wait_for_input() const {
    const std::stop_callback wake(stop_, [this] {
        const std::uint64_t one = 1;
        static_cast<void>(!::write(stop_event_, &one, sizeof one));
    });
    while (!stop_.stop_requested()) {
        std::array<pollfd, 2> waits{{{descriptor_, POLLIN, 0}, {stop_event_, POLLIN, 0}}};
        if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return true;
        if (waits[0].revents != 0) return !stop_.stop_requested();
    }
    return false;
}

}  // namespace eventbus::app
