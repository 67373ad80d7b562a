#include "eventbus/command/health_check.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "eventbus/command/tcp.hpp"
#include "eventbus/event/error.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

using tcp::Addresses;
using tcp::Clock;
using tcp::wait_for;

constexpr std::size_t most_bytes = 4096;

Addresses address_of(const std::string& host, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0)
        throw InvalidValue(quote(host) + " is not an IPv4 or IPv6 address in numbers");
    return {found, ::freeaddrinfo};
}

/// What comes until the other side closes.
std::string answer_to(const Descriptor& socket, std::string_view request, Clock::time_point until) {
    std::string answer;
    if (::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) return answer;
    std::array<char, most_bytes> bytes{};
    while (answer.size() < most_bytes && wait_for(socket, POLLIN, until)) {
        const ssize_t size = ::recv(socket.get(), bytes.data(), bytes.size(), 0);
        if (size <= 0) break;
        answer.append(bytes.data(), static_cast<std::size_t>(size));
    }
    return answer;
}

std::string body_of(const std::string& answer) {
    const std::size_t end = answer.find("\r\n\r\n");
    if (end == std::string::npos) return {};
    std::string body = answer.substr(end + 4);
    while (!body.empty() && body.back() == '\n') body.pop_back();
    return body;
}

}  // namespace

// A clock that was stepped makes a file that is touched no older than one that is not.
std::optional<std::string> complaint_of_file(const std::string& path, std::chrono::milliseconds timeout) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0)
        return "there is no heartbeat file " + path + ": " + std::strerror(errno);
    const auto touched =
        std::chrono::seconds(status.st_mtim.tv_sec) + std::chrono::nanoseconds(status.st_mtim.tv_nsec);
    const auto age = std::chrono::abs(std::chrono::system_clock::now().time_since_epoch() - touched);
    if (age <= timeout) return std::nullopt;
    return "the heartbeat file " + path + " was not touched for " +
           std::to_string(std::chrono::duration_cast<std::chrono::seconds>(age).count()) + " s";
}

std::optional<std::string> complaint_of_port(const std::string& host, std::uint16_t port,
                                             std::chrono::milliseconds limit) {
    const auto until = Clock::now() + limit;
    const Addresses where = address_of(host, port);
    const std::string place = "port " + std::to_string(port) + " of " + host;
    const Descriptor socket = tcp::open_socket(*where);
    if (!socket.is_open()) return "no socket: " + std::string(std::strerror(errno));
    if (const auto error = tcp::error_of_connecting(socket, *where, until))
        return "cannot connect to " + place + ": " + std::strerror(*error);
    const std::string answer =
        answer_to(socket, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", until);
    if (answer.starts_with("HTTP/1.1 200 ") || answer.starts_with("HTTP/1.0 200 ")) return std::nullopt;
    if (answer.empty()) return place + " does not answer";
    const std::string body = body_of(answer);
    return place + " answers: " + quote(body.empty() ? answer.substr(0, answer.find("\r\n")) : body);
}

}  // namespace eventbus
