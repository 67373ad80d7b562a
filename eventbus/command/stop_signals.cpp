#include "eventbus/command/stop_signals.hpp"

#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "eventbus/command/descriptor.hpp"

namespace eventbus {

namespace {

// A signal handler is given nothing but the signal's number: what it needs has to be where it can find it.
std::atomic<int> wake_descriptor{-1};

constexpr unsigned char end_of_watch = 0;

extern "C" void note_signal(int signal) {
    const int error_before = errno;
    const auto byte = static_cast<unsigned char>(signal);
    static_cast<void>(!::write(wake_descriptor.load(std::memory_order_relaxed), &byte, 1));
    errno = error_before;
}

// Ends the process as the signal does when nobody handles it.
[[noreturn]] void end_by(int signal) {
    static_cast<void>(std::signal(signal, SIG_DFL));
    sigset_t only{};
    sigemptyset(&only);
    sigaddset(&only, signal);
    static_cast<void>(pthread_sigmask(SIG_UNBLOCK, &only, nullptr));
    static_cast<void>(std::raise(signal));
    ::_exit(128 + signal);
}

// Takes a signal over, and gives it back.
class Takeover {
  public:
    explicit Takeover(int signal) : signal_(signal) {
        struct sigaction action {};
        static_cast<void>(::sigaction(signal, nullptr, &before_));
        if (before_.sa_handler == SIG_IGN) return;
        action.sa_handler = note_signal;
        action.sa_flags = SA_RESTART;
        sigemptyset(&action.sa_mask);
        if (::sigaction(signal, &action, nullptr) != 0)
            throw std::system_error(errno, std::generic_category(), "a signal handler cannot be installed");
    }
    Takeover(const Takeover&) = delete;
    Takeover& operator=(const Takeover&) = delete;
    ~Takeover() { static_cast<void>(::sigaction(signal_, &before_, nullptr)); }

  private:
    int signal_;
    struct sigaction before_ {};
};

}  // namespace

class StopSignals::Watch {
  public:
    Watch() : pipe_(make_pipe()), thread_([this] { watch(); }) {
        stop_blocking(pipe_.write_end);
        wake_descriptor = pipe_.write_end.get();
        interrupt_.emplace(SIGINT);
        terminate_.emplace(SIGTERM);
    }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch() {
        terminate_.reset();
        interrupt_.reset();
        wake_descriptor = -1;
        static_cast<void>(!::write(pipe_.write_end.get(), &end_of_watch, 1));
        thread_.join();
    }

    [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }
    [[nodiscard]] int signal() const { return first_; }

    void before_abrupt_end(std::function<void()> clean_up) {
        const std::scoped_lock lock(mutex_);
        clean_up_ = std::move(clean_up);
    }

  private:
    void watch() {
        leave_signals_to_others();
        for (;;) {
            unsigned char byte = end_of_watch;
            const ssize_t got = ::read(pipe_.read_end.get(), &byte, 1);
            if (got < 0 && errno == EINTR) continue;
            if (got != 1 || byte == end_of_watch) return;
            if (first_ != 0) end_at_once(byte);
            first_ = byte;
            stop_.request_stop();
        }
    }

    // This thread only waits for what the handler writes. ThreadSanitizer would keep a signal that comes to
    // it until its wait is over, which is for ever.
    static void leave_signals_to_others() {
        sigset_t watched{};
        sigemptyset(&watched);
        sigaddset(&watched, SIGINT);
        sigaddset(&watched, SIGTERM);
        static_cast<void>(pthread_sigmask(SIG_BLOCK, &watched, nullptr));
    }

    [[noreturn]] void end_at_once(int signal) {
        const std::scoped_lock lock(mutex_);
        if (clean_up_) clean_up_();
        end_by(signal);
    }

    Pipe pipe_;
    std::stop_source stop_;
    std::atomic<int> first_{0};
    std::mutex mutex_;
    std::function<void()> clean_up_;
    std::optional<Takeover> interrupt_;
    std::optional<Takeover> terminate_;
    std::thread thread_;
};

StopSignals::StopSignals() : watch_(std::make_unique<Watch>()) {}
StopSignals::~StopSignals() = default;
std::stop_token StopSignals::token() const { return watch_->token(); }
int StopSignals::signal() const { return watch_->signal(); }
void StopSignals::before_abrupt_end(std::function<void()> clean_up) {
    watch_->before_abrupt_end(std::move(clean_up));
}

}  // namespace eventbus
