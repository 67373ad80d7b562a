#include "eventbus/redis/wake_up.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <string>
#include <system_error>

#include "eventbus/event/error.hpp"

namespace eventbus::redis {

namespace {

int make_event() {
    const int made = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (made < 0)
        throw BrokerError("cannot make an eventfd: " + std::generic_category().message(errno), true);
    return made;
}

}  // namespace

WakeUp::WakeUp() : descriptor_(make_event()) {}

WakeUp::~WakeUp() { ::close(descriptor_); }

void WakeUp::call() const noexcept {
    const int before = errno;
    const std::uint64_t one = 1;
    static_cast<void>(::write(descriptor_, &one, sizeof one));
    errno = before;
}

void WakeUp::wait(Deadline deadline) const {
    pollfd watched{descriptor_, POLLIN, 0};
    for (;;) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        if (left.count() <= 0) return;
        const auto wait = std::min<std::int64_t>(left.count(), 3'600'000);
        if (::poll(&watched, 1, static_cast<int>(wait)) > 0) return;
    }
}

void WakeUp::separate() const {
    const int own = make_event();
    ::dup3(own, descriptor_, O_CLOEXEC);
    ::close(own);
}

void WakeUp::clear() const noexcept {
    std::uint64_t calls = 0;
    static_cast<void>(::read(descriptor_, &calls, sizeof calls));
}

}  // namespace eventbus::redis
