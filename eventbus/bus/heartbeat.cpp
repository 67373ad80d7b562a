#include "eventbus/bus/heartbeat.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "eventbus/bus/health_port.hpp"
#include "eventbus/event/error.hpp"
#include "eventbus/event/forks.hpp"
#include "eventbus/settings/settings.hpp"

namespace eventbus {

namespace {

constexpr std::chrono::seconds touch_interval{1};
constexpr std::chrono::milliseconds longest_pause_of_all{5'000};

}  // namespace

HeartbeatOptions heartbeat_options(const Settings& settings, LogSink log) {
    return {.file = settings.get(setting::CONSUMER_HEARTBEAT_FILE),
            .port = static_cast<std::uint16_t>(settings.get(setting::CONSUMER_HEALTH_PORT)),
            .address = settings.get(setting::CONSUMER_HEALTH_ADDRESS),
            .timeout = settings.get(setting::CONSUMER_HEARTBEAT_TIMEOUT),
            .log = std::move(log)};
}

Heartbeat::Heartbeat(HeartbeatOptions options)
    : options_(std::move(options)),
      last_(Clock::now().time_since_epoch().count()),
      touched_(Clock::now()),
      generation_(fork_generation()) {
    if (options_.port != 0)
        port_ = std::make_unique<HealthPort>(options_.address, options_.port, [this] { return complaint(); });
    if (options_.file.empty()) return;
    if (const auto problem = touch())
        throw SettingsError(std::string(setting::CONSUMER_HEARTBEAT_FILE.name) + " = " + options_.file +
                            ": cannot be written: " + *problem);
}

// The thread and the file are the parent's.
Heartbeat::~Heartbeat() {
    if (generation_ != fork_generation()) {
        static_cast<void>(port_.release());
    } else if (!options_.file.empty()) {
        ::unlink(options_.file.c_str());
    }
}

void Heartbeat::beat() {
    if (!is_shown()) return;
    const Clock::time_point now = Clock::now();
    last_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
    if (!options_.file.empty()) touch_now_and_then(now);
}

void Heartbeat::touch_now_and_then(Clock::time_point now) {
    if (now - touched_ < touch_interval) return;
    touched_ = now;
    const auto problem = touch();
    if (problem && !cannot_touch_ && options_.log)
        options_.log(LogLevel::warning,
                     "the heartbeat file " + options_.file +
                         " cannot be written, so that the consumer looks as if it hung: " + *problem);
    cannot_touch_ = problem.has_value();
}

std::optional<std::string> Heartbeat::touch() const {
    constexpr mode_t readable_by_all = S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH;
    const int file =
        ::open(options_.file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK, readable_by_all);
    if (file < 0) return std::strerror(errno);
    const int failed = ::futimens(file, nullptr);
    const int error = errno;
    ::close(file);
    if (failed != 0) return std::strerror(error);
    return std::nullopt;
}

std::optional<std::chrono::milliseconds> Heartbeat::longest_pause() const {
    if (!is_shown()) return std::nullopt;
    return std::min(options_.timeout / 3, longest_pause_of_all);
}

std::optional<std::string> Heartbeat::complaint() const {
    const Clock::time_point last{Clock::duration(last_.load(std::memory_order_relaxed))};
    const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - last);
    if (age <= options_.timeout) return std::nullopt;
    return "the consumer has shown no sign of life for " + std::to_string(age.count() / 1000) +
           " s; it hangs, or a handler takes too long";
}

}  // namespace eventbus
