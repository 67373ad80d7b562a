#include "tests/servers/inline_command.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <stdexcept>

namespace eventbus::servers {

namespace {

sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) throw std::runtime_error("too long for a socket: " + path);
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

}  // namespace

std::string answer_to(const std::string& command, const std::string& socket_path) {
    const sockaddr_un address = address_of(socket_path);
    const int connection = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval limit{.tv_sec = 2, .tv_usec = 0};
    ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    std::array<char, 65'536> answer{};
    ssize_t size = -1;
    const std::string line = command + "\r\n";
    if (::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        ::send(connection, line.data(), line.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(line.size()))
        size = ::recv(connection, answer.data(), answer.size(), 0);
    ::close(connection);
    return size > 0 ? std::string(answer.data(), static_cast<std::size_t>(size)) : std::string();
}

}  // namespace eventbus::servers
