#include "eventbus/command/output.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

namespace eventbus {

namespace {

void wait_until_writable(int descriptor) {
    pollfd wait{descriptor, POLLOUT, 0};
    static_cast<void>(::poll(&wait, 1, -1));
}

}  // namespace

void ignore_write_signals() {
    for (const int signal : {SIGPIPE, SIGXFSZ}) static_cast<void>(std::signal(signal, SIG_IGN));
}

void write_fully(int descriptor, std::string_view text, std::string_view name) {
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor, text.data(), text.size());
        if (written >= 0) {
            text.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EAGAIN) {
            wait_until_writable(descriptor);
        } else if (errno != EINTR) {
            const int error = errno;
            throw OutputError(
                std::string(name) + " cannot be written: " + std::generic_category().message(error),
                error == EPIPE);
        }
    }
}

void Output::line(std::string_view text) {
    constexpr std::size_t piece = std::size_t{64} * 1024;
    waiting_.append(text).push_back('\n');
    if (waiting_.size() >= piece) flush();
}

void Output::flush() {
    const std::string text = std::exchange(waiting_, {});
    write_fully(STDOUT_FILENO, text, "standard output");
}

}  // namespace eventbus
