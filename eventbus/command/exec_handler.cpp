#include "eventbus/command/exec_handler.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "eventbus/bus/cloudevent_json.hpp"
#include "eventbus/command/child_text.hpp"
#include "eventbus/command/exit_code.hpp"
#include "eventbus/command/output.hpp"
#include "eventbus/command/running_child.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

constexpr int cannot_succeed = 65;  // EX_DATAERR of sysexits.h

// Writes what the child takes; one that does not read to the end is free not to.
void feed(Descriptor& in, std::string_view& rest) {
    const ssize_t written = ::write(in.get(), rest.data(), rest.size());
    if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
    const bool goes_on = written >= 0 || errno == EAGAIN || errno == EINTR;
    if (rest.empty() || !goes_on) in.close();
}

void pass_on(std::string_view text) {
    try {
        write_fully(STDERR_FILENO, text, "standard error");
    } catch (const OutputError&) {
        return;
    }
}

// Passes on what is there to read now, and keeps the end of it.
void drain(Descriptor& err, std::string& kept) {
    std::array<char, 4096> buffer{};
    for (;;) {
        const ssize_t got = ::read(err.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got == 0) err.close();
        if (got <= 0) return;
        const std::string_view text(buffer.data(), static_cast<std::size_t>(got));
        pass_on(text);
        kept += text;
        constexpr std::size_t most = 2 * tail_size;
        if (kept.size() > most) kept.erase(0, kept.size() - most);
    }
}

// Gives the child its line and listens to it until it ends.
std::string converse(Child& child, std::string_view line) {
    std::string errors;
    while (!child.ended()) {
        std::array<pollfd, 3> waits{{{child.in().get(), POLLOUT, 0},
                                     {child.err().get(), POLLIN, 0},
                                     {child.ended_descriptor(), POLLIN, 0}}};
        static_cast<void>(::poll(waits.data(), waits.size(), -1));
        if (waits[0].revents != 0) feed(child.in(), line);
        if (waits[1].revents != 0) drain(child.err(), errors);
    }
    if (child.err().is_open()) drain(child.err(), errors);
    return errors;
}

}  // namespace

struct ExecHandler::Running : RunningChild {};

ExecHandler::ExecHandler(std::string command)
    : command_(std::move(command)), running_(std::make_unique<Running>()) {}

ExecHandler::~ExecHandler() = default;

void ExecHandler::operator()(const RawEvent& event) {
    line_.clear();
    append_cloudevent(line_, event);
    line_ += '\n';
    const std::string errors = converse(running_->start(command_, {.out = false, .err = true}), line_);
    const ChildEnd end = running_->end(std::chrono::milliseconds(0));
    if (end.succeeded()) return;
    running_->throw_if_over();
    const std::string tail = tail_of(errors);
    const std::string text =
        quote(command_) + " ended with " + end.text() + (tail.empty() ? "" : ": " + tail);
    if (end.could_not_run())
        throw CommandError(ExitCode::handler_program, "the handler program cannot be run: " + text);
    if (end.exit_code == cannot_succeed) throw Reject(text);
    throw Error(text);
}

void ExecHandler::kill() noexcept { running_->kill_for_good(); }

}  // namespace eventbus
