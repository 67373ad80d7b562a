#include "eventbus/redis/wake_up.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <system_error>

#include "eventbus/event/error.hpp"

namespace eventbus::redis {

WakeUp::WakeUp() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (descriptor_ < 0)
        throw BrokerError("cannot make an eventfd: " + std::generic_category().message(errno), true);
}

WakeUp::~WakeUp() { ::close(descriptor_); }

void WakeUp::call() const noexcept {
    const int before = errno;
    const std::uint64_t one = 1;
    static_cast<void>(::write(descriptor_, &one, sizeof one));
    errno = before;
}

void WakeUp::clear() const noexcept {
    std::uint64_t calls = 0;
    static_cast<void>(::read(descriptor_, &calls, sizeof calls));
}

}  // namespace eventbus::redis
