#include "eventbus/redis/socket_transport.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>

#include "eventbus/redis/server_error.hpp"

namespace eventbus::redis {

namespace {

std::string reason(int error) { return std::generic_category().message(error); }

[[noreturn]] void cannot_connect(const std::string& peer, const std::string& why) {
    throw ConnectionLost("cannot connect to Redis at " + peer + ": " + why);
}

void finish_connecting(int socket, const std::string& peer, Deadline deadline) {
    if (wait_for(socket, POLLOUT, deadline, nullptr) != Readiness::ready)
        cannot_connect(peer, "no answer in time");
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) cannot_connect(peer, reason(error));
}

Descriptor connect_to(int family, const sockaddr* address, socklen_t size, const std::string& peer,
                      Deadline deadline) {
    Descriptor socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (socket.get() < 0) cannot_connect(peer, reason(errno));
    if (::connect(socket.get(), address, size) != 0) {
        if (errno != EINPROGRESS && errno != EINTR) cannot_connect(peer, reason(errno));
        finish_connecting(socket.get(), peer, deadline);
    }
    return socket;
}

void set(int socket, int level, int option, int value) {
    static_cast<void>(::setsockopt(socket, level, option, &value, sizeof value));
}

// A peer that vanished without a word is noticed within a minute.
void tune(int socket) {
    set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
    set(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(socket, IPPROTO_TCP, TCP_KEEPIDLE, 30);
    set(socket, IPPROTO_TCP, TCP_KEEPINTVL, 10);
    set(socket, IPPROTO_TCP, TCP_KEEPCNT, 3);
}

struct FreeAddresses {
    void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};
using AddressList = std::unique_ptr<addrinfo, FreeAddresses>;

AddressList resolve(const Address& address, const std::string& peer) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int error =
        ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
    if (error != 0) cannot_connect(peer, error == EAI_SYSTEM ? reason(errno) : ::gai_strerror(error));
    return AddressList(found);
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
}

Descriptor::~Descriptor() {
    if (number_ >= 0) ::close(number_);
}

int Descriptor::release() noexcept { return std::exchange(number_, -1); }

Readiness wait_for(int socket, short events, Deadline deadline, const WakeUp* wake_up) {
    std::array<pollfd, 2> watched{pollfd{socket, events, 0},
                                  pollfd{wake_up == nullptr ? -1 : wake_up->descriptor(), POLLIN, 0}};
    for (;;) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        const auto wait = std::clamp<std::int64_t>(left.count(), 0, 3'600'000);
        const int ready = ::poll(watched.data(), watched.size(), static_cast<int>(wait));
        if (ready < 0 && errno != EINTR) throw ConnectionLost("cannot wait for Redis: " + reason(errno));
        if (ready > 0) return watched[0].revents != 0 ? Readiness::ready : Readiness::woken;
        if (ready == 0 && std::chrono::steady_clock::now() >= deadline) return Readiness::passed;
    }
}

bool is_closed_by_peer(int socket) noexcept {
    pollfd watched{socket, POLLRDHUP, 0};
    return ::poll(&watched, 1, 0) > 0;
}

Descriptor connect_unix(const std::string& path, Deadline deadline) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string peer = "unix://" + path;
    if (path.size() >= sizeof address.sun_path) cannot_connect(peer, "the path is too long for a socket");
    std::memcpy(address.sun_path, path.data(), path.size());
    return connect_to(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address, peer, deadline);
}

// Each address of a name has its share of the time: a machine whose IPv6 leads nowhere has an IPv4, too.
Descriptor connect_tcp(const Address& address, Deadline deadline) {
    const std::string peer = to_string(address);
    const AddressList list = resolve(address, peer);
    std::size_t left = 0;
    for (const addrinfo* one = list.get(); one != nullptr; one = one->ai_next) ++left;
    for (const addrinfo* one = list.get();; one = one->ai_next, --left) {
        try {
            Descriptor socket =
                connect_to(one->ai_family, one->ai_addr, one->ai_addrlen, peer, share_of(deadline, left));
            tune(socket.get());
            return socket;
        } catch (const ConnectionLost&) {
            if (one->ai_next == nullptr) throw;
        }
    }
}

SocketTransport::SocketTransport(Descriptor socket, std::string peer)
    : socket_(std::move(socket)), peer_(std::move(peer)) {}

void SocketTransport::send(std::span<const char> bytes, Deadline deadline) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent >= 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(sent));
        } else if (errno == EAGAIN) {
            if (wait_for(socket_.get(), POLLOUT, deadline, nullptr) != Readiness::ready)
                throw ConnectionLost("Redis at " + peer_ + " does not take commands in time");
        } else if (errno != EINTR) {
            throw ConnectionLost("the connection to Redis at " + peer_ + " broke: " + reason(errno));
        }
    }
}

std::size_t SocketTransport::receive(std::span<char> room, Deadline deadline, const WakeUp* wake_up) {
    for (;;) {
        const ssize_t got = ::recv(socket_.get(), room.data(), room.size(), 0);
        if (got > 0) return static_cast<std::size_t>(got);
        if (got == 0) throw ConnectionLost("Redis at " + peer_ + " closed the connection");
        if (errno == EAGAIN) {
            if (wait_for(socket_.get(), POLLIN, deadline, wake_up) != Readiness::ready) return 0;
        } else if (errno != EINTR) {
            throw ConnectionLost("the connection to Redis at " + peer_ + " broke: " + reason(errno));
        }
    }
}

bool SocketTransport::is_closed() const noexcept { return is_closed_by_peer(socket_.get()); }

void SocketTransport::abandon() noexcept { socket_ = Descriptor(); }

}  // namespace eventbus::redis
