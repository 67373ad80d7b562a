#include "eventbus/broker/memory/wake_signal.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <system_error>

#include "eventbus/event/error.hpp"

namespace eventbus::memory {

WakeSignal::WakeSignal() : descriptor_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (descriptor_ < 0)
        throw BrokerError("a subscription needs an eventfd: " + std::generic_category().message(errno), true);
}

WakeSignal::~WakeSignal() { ::close(descriptor_); }

void WakeSignal::raise() noexcept {
    const int saved = errno;
    const std::uint64_t one = 1;
    // Fails only when the counter is full, and then the signal is raised already.
    [[maybe_unused]] const ssize_t written = ::write(descriptor_, &one, sizeof one);
    errno = saved;
}

void WakeSignal::wait(std::chrono::steady_clock::time_point until) {
    using std::chrono::milliseconds;
    const auto left = std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now());
    const auto bounded = std::clamp(left, milliseconds{0}, milliseconds{std::chrono::hours{1}});
    pollfd waiting{descriptor_, POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(bounded.count())) <= 0) return;
    std::uint64_t raised = 0;
    [[maybe_unused]] const ssize_t size = ::read(descriptor_, &raised, sizeof raised);
}

}  // namespace eventbus::memory
