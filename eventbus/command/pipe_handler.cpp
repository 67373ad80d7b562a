#include "eventbus/command/pipe_handler.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "eventbus/bus/cloudevent_json.hpp"
#include "eventbus/command/answer.hpp"
#include "eventbus/command/child_text.hpp"
#include "eventbus/command/exit_code.hpp"
#include "eventbus/command/running_child.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t longest_answer = std::size_t{64} * 1024;
constexpr milliseconds first_pause(100);
constexpr milliseconds longest_pause(30'000);
constexpr milliseconds patience_at_end(2'000);

}  // namespace

class PipeHandler::Program {
  public:
    Program(std::string command, std::stop_token stop, LogSink log)
        : command_(std::move(command)), stop_(std::move(stop)), log_(std::move(log)) {}
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    ~Program() {
        idle_ = false;
        if (running_.get() != nullptr) static_cast<void>(running_.end(patience_at_end));
    }

    /// One line out, one line back.
    [[nodiscard]] std::string ask(std::string_view line) {
        Child& child = started();
        wait_for_answer(child, line);
        const std::size_t end = answers_.find('\n');
        std::string answer = answers_.substr(0, end);
        answers_.erase(0, end + 1);
        idle_ = true;
        if (const auto ended = child.ended()) tell_idle_end(*ended);
        return answer;
    }

    void answered_well() { pause_ = milliseconds(0); }

    /// The program has said what cannot be understood; what it says next would be taken for an answer to
    /// another event.
    void abandon() {
        idle_ = false;
        answers_.clear();
        static_cast<void>(running_.end(milliseconds(0)));
        lengthen_pause();
    }

    [[nodiscard]] const std::string& command() const { return command_; }
    void kill() noexcept {
        idle_ = false;
        running_.kill_for_good();
    }

  private:
    [[nodiscard]] Child& started() {
        if (running_.get() != nullptr) look_after_idle_time(*running_.get());
        idle_ = false;
        if (Child* child = running_.get()) return *child;
        wait(pause_);
        answers_.clear();
        return running_.start(command_, {.out = true, .err = false},
                              [this](const ChildEnd& end) { tell_idle_end(end); });
    }

    // What it did between two events is no event's failure: it is only started afresh.
    void look_after_idle_time(Child& child) {
        if (!answers_.empty() || read(child) == Read::some) {
            log(LogLevel::warning,
                quote(command_) + " said more than an answer, " + quote(answers_) + "; it is started afresh");
            abandon();
        } else if (child.ended()) {
            const ChildEnd end = running_.end(milliseconds(0));
            if (end.could_not_run()) cannot_run(end);
            lengthen_pause();
        }
    }

    // Called by whoever sees the end first, in any thread; told once.
    void tell_idle_end(const ChildEnd& end) {
        if (idle_.exchange(false))
            log(LogLevel::warning, quote(command_) + " ended with " + end.text() +
                                       " between two events; it is started afresh for the next one");
    }

    void wait(milliseconds pause) {
        if (pause.count() == 0) return;
        std::mutex mutex;
        std::condition_variable_any stopped;
        std::unique_lock lock(mutex);
        static_cast<void>(stopped.wait_for(lock, stop_, pause, [] { return false; }));
        if (stop_.stop_requested())
            throw CommandError(ExitCode::ok,
                               "asked to stop before " + quote(command_) + " was started again");
    }

    void lengthen_pause() { pause_ = std::clamp(pause_ * 2, first_pause, longest_pause); }

    void wait_for_answer(Child& child, std::string_view line) {
        constexpr int long_wait = 30'000;
        Read last = Read::nothing;
        while (answers_.find('\n') == std::string::npos) {
            if (last == Read::end) fail_ended();
            if (answers_.size() > longest_answer) fail_too_long();
            std::array<pollfd, 2> waits{
                {{child.out().get(), POLLIN, 0}, {line.empty() ? -1 : child.in().get(), POLLOUT, 0}}};
            if (::poll(waits.data(), waits.size(), long_wait) == 0)
                log(LogLevel::warning, "still waiting for the answer of " + quote(command_) +
                                           "; it must answer each line with a line, and flush it");
            if (waits[0].revents != 0) last = read(child);
            if (waits[1].revents != 0) feed(child, line);
        }
    }

    static void feed(Child& child, std::string_view& rest) {
        const ssize_t written = ::write(child.in().get(), rest.data(), rest.size());
        if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
        // Whoever does not read any more is at its end, which its output tells.
        if (written < 0 && errno == EPIPE) rest = {};
    }

    enum class Read { some, nothing, end };

    /// Reads what is there now.
    Read read(Child& child) {
        std::array<char, 4096> buffer{};
        const ssize_t got = ::read(child.out().get(), buffer.data(), buffer.size());
        if (got > 0) answers_.append(buffer.data(), static_cast<std::size_t>(got));
        if (got > 0) return Read::some;
        return got == 0 ? Read::end : Read::nothing;
    }

    [[noreturn]] void cannot_run(const ChildEnd& end) {
        throw CommandError(ExitCode::handler_program, "the handler program cannot be run: " +
                                                          quote(command_) + " ended with " + end.text());
    }

    [[noreturn]] void fail_ended() {
        const ChildEnd end = running_.end(patience_at_end);
        answers_.clear();
        running_.throw_if_over();
        if (end.could_not_run()) cannot_run(end);
        lengthen_pause();
        throw Error(quote(command_) + " ended with " + end.text() + " before it answered");
    }

    [[noreturn]] void fail_too_long() {
        const std::string begin = quote(answers_);
        abandon();
        throw Error(quote(command_) + " answered with more than 64 KiB in a line: " + begin);
    }

    void log(LogLevel level, const std::string& message) const {
        if (log_) log_(level, message);
    }

    std::string command_;
    std::stop_token stop_;
    LogSink log_;
    RunningChild running_;
    std::string answers_;
    milliseconds pause_{0};
    /// It has answered and was asked nothing since, and nobody has told of its end.
    std::atomic<bool> idle_{false};
};

PipeHandler::PipeHandler(std::string command, std::stop_token stop, LogSink log)
    : program_(std::make_unique<Program>(std::move(command), std::move(stop), std::move(log))) {}

PipeHandler::~PipeHandler() = default;

void PipeHandler::operator()(const RawEvent& event) {
    line_.clear();
    append_cloudevent(line_, event);
    line_ += '\n';
    const std::string line = program_->ask(line_);
    const Answer answer = read_answer(line);
    const std::string said = quote(program_->command()) + " says: " + tail_of(answer.text);
    if (answer.verdict != Answer::Verdict::unclear) program_->answered_well();
    switch (answer.verdict) {
        case Answer::Verdict::ok:
            return;
        case Answer::Verdict::error:
            throw Error(said);
        case Answer::Verdict::reject:
            throw Reject(said);
        case Answer::Verdict::unclear:
            program_->abandon();
            throw Error(quote(program_->command()) + " answered " + quote(line) +
                        "; an answer is ok, error TEXT or reject TEXT");
    }
}

void PipeHandler::kill() noexcept { program_->kill(); }

}  // namespace eventbus
