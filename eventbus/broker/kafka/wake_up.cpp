#include "eventbus/broker/kafka/wake_up.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <limits>

#include "eventbus/event/error.hpp"

namespace eventbus::kafka_topics {

namespace {

int open_descriptor() {
    const int descriptor = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (descriptor < 0) throw BrokerError("there are no file descriptors left", true);
    return descriptor;
}

}  // namespace

WakeUp::WakeUp() : descriptor_(open_descriptor()) {}

WakeUp::~WakeUp() { ::close(descriptor_); }

void WakeUp::wake() noexcept {
    const int error = errno;
    const std::uint64_t one = 1;
    static_cast<void>(!::write(descriptor_, &one, sizeof one));
    errno = error;
}

void WakeUp::clear() noexcept {
    std::uint64_t count = 0;
    static_cast<void>(!::read(descriptor_, &count, sizeof count));
}

void WakeUp::wait_until(std::chrono::steady_clock::time_point deadline) const {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd what{descriptor_, POLLIN, 0};
    static_cast<void>(
        ::poll(&what, 1,
               static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, std::numeric_limits<int>::max()))));
}

void WakeUp::separate() {
    const int own = open_descriptor();
    ::close(descriptor_.exchange(own));
}

}  // namespace eventbus::kafka_topics
