#include "eventbus/command/tcp.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

namespace eventbus::tcp {

Descriptor open_socket(const addrinfo& where) {
    return Descriptor(::socket(where.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

bool wait_for(const Descriptor& socket, short events, Clock::time_point until) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
    if (left.count() <= 0) return false;
    pollfd watched{socket.get(), events, 0};
    return ::poll(&watched, 1, static_cast<int>(left.count())) > 0;
}

std::optional<int> error_of_connecting(const Descriptor& socket, const addrinfo& where,
                                       Clock::time_point until) {
    if (::connect(socket.get(), where.ai_addr, where.ai_addrlen) == 0) return std::nullopt;
    if (errno != EINPROGRESS) return errno;
    if (!wait_for(socket, POLLOUT, until)) return ETIMEDOUT;
    int error = 0;
    socklen_t size = sizeof(error);
    ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error == 0) return std::nullopt;
    return error;
}

}  // namespace eventbus::tcp
