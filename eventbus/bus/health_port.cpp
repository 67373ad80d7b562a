#include "eventbus/bus/health_port.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <utility>

#include "eventbus/event/error.hpp"
#include "eventbus/settings/declarations.hpp"

namespace eventbus {

namespace {

constexpr std::size_t most_visitors = 16;
constexpr std::size_t most_bytes = 4096;
constexpr std::chrono::milliseconds time_of_visitor{2'000};
constexpr std::chrono::milliseconds pause_without_room{100};

std::string of_setting(const Declaration& setting, const std::string& value) {
    return std::string(setting.name) + " = " + value + ": ";
}

using Addresses = std::unique_ptr<addrinfo, void (*)(addrinfo*)>;

Addresses address_of(const std::string& address, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found) != 0)
        throw SettingsError(of_setting(setting::CONSUMER_HEALTH_ADDRESS, address) +
                            "must be an IPv4 or IPv6 address in numbers");
    return {found, ::freeaddrinfo};
}

[[noreturn]] void refuse_port(const std::string& address, std::uint16_t port, int error) {
    const std::string beginning = of_setting(setting::CONSUMER_HEALTH_PORT, std::to_string(port));
    if (error == EADDRINUSE)
        throw SettingsError(beginning +
                            "another process, or another consumer of this one, listens there; "
                            "choose another port");
    throw SettingsError(beginning + "cannot listen on " + address + ": " + std::strerror(error));
}

int listen_on(const std::string& address, std::uint16_t port) {
    const Addresses where = address_of(address, port);
    const int listener = ::socket(where->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener < 0) refuse_port(address, port, errno);
    constexpr int yes = 1;
    static_cast<void>(::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)));
    if (::bind(listener, where->ai_addr, where->ai_addrlen) == 0 && ::listen(listener, most_visitors) == 0)
        return listener;
    const int error = errno;
    ::close(listener);
    refuse_port(address, port, error);
}

int make_end(std::uint16_t port) {
    const int end = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (end < 0)
        throw SettingsError(of_setting(setting::CONSUMER_HEALTH_PORT, std::to_string(port)) +
                            std::strerror(errno));
    return end;
}

/// Signals go to the host's threads.
class AllSignalsBlocked {
  public:
    AllSignalsBlocked() {
        sigset_t all;
        sigfillset(&all);
        static_cast<void>(pthread_sigmask(SIG_SETMASK, &all, &before_));
    }
    AllSignalsBlocked(const AllSignalsBlocked&) = delete;
    AllSignalsBlocked& operator=(const AllSignalsBlocked&) = delete;
    ~AllSignalsBlocked() { static_cast<void>(pthread_sigmask(SIG_SETMASK, &before_, nullptr)); }

  private:
    sigset_t before_{};
};

std::string response(std::string_view status, std::string_view text) {
    std::string out = "HTTP/1.1 ";
    out.append(status).append("\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ");
    out.append(std::to_string(text.size() + 1))
        .append("\r\nCache-Control: no-store\r\nConnection: close\r\n");
    if (status.starts_with("405")) out.append("Allow: GET, HEAD\r\n");
    return out.append("\r\n").append(text).append("\n");
}

bool is_whole(std::string_view request) {
    return request.find("\r\n\r\n") != std::string_view::npos ||
           request.find("\n\n") != std::string_view::npos;
}

struct RequestLine {
    std::string_view method;
    std::string_view path;
    std::string_view version;
};

RequestLine first_line(std::string_view request) {
    const std::string_view line = request.substr(0, request.find_first_of("\r\n"));
    const std::size_t first = std::min(line.find(' '), line.size());
    const std::size_t last = std::max(std::min(line.rfind(' '), line.size()), first);
    RequestLine parts{line.substr(0, first), {}, line.substr(last)};
    if (last > first) parts.path = line.substr(first + 1, last - first - 1);
    parts.path = parts.path.substr(0, parts.path.find('?'));
    return parts;
}

}  // namespace

HealthPort::Socket::Socket(Socket&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

HealthPort::Socket& HealthPort::Socket::operator=(Socket&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
}

HealthPort::Socket::~Socket() {
    if (number_ >= 0) ::close(number_);
}

HealthPort::HealthPort(const std::string& address, std::uint16_t port, Complaint complaint)
    : complaint_(std::move(complaint)), listener_(listen_on(address, port)), end_(make_end(port)) {
    visitors_.reserve(most_visitors);
    const AllSignalsBlocked blocked;
    thread_ = std::thread([this] { serve(); });
    const NoFork no_fork;
    opened();
}

HealthPort::~HealthPort() {
    constexpr std::uint64_t one = 1;
    static_cast<void>(::write(end_.get(), &one, sizeof(one)));
    thread_.join();
    const NoFork no_fork;
    closed();
}

// A child that lives on must not keep the port.
void HealthPort::close_in_child() noexcept { ::close(listener_.get()); }

void HealthPort::serve() noexcept {
    for (;;) {
        try {
            if (!serve_some()) return;
        } catch (const std::exception&) {
            visitors_.clear();
        }
    }
}

bool HealthPort::serve_some() {
    const auto now = std::chrono::steady_clock::now();
    std::array<pollfd, most_visitors + 2> watched{};
    watched[0] = {end_.get(), POLLIN, 0};
    watched[1] = {listener_.get(), POLLIN, 0};
    std::chrono::milliseconds limit{-1};
    const std::size_t visitors = visitors_.size();
    for (std::size_t i = 0; i < visitors; ++i) {
        watched.at(i + 2) = {visitors_[i].socket.get(), POLLIN, 0};
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(visitors_[i].deadline - now);
        const auto wait = std::max(left, std::chrono::milliseconds{0});
        limit = limit.count() < 0 ? wait : std::min(limit, wait);
    }
    if (::poll(watched.data(), visitors + 2, static_cast<int>(limit.count())) < 0) return true;
    if (watched[0].revents != 0) return false;
    for (std::size_t i = 0; i < visitors; ++i)
        if (watched.at(i + 2).revents != 0) listen_to(visitors_[i]);
    const auto later = std::chrono::steady_clock::now();
    std::erase_if(visitors_,
                  [&](const Visitor& visitor) { return visitor.is_done || visitor.deadline <= later; });
    if (watched[1].revents != 0) let_in();
    return true;
}

// Who has been here longest without a whole request goes first.
void HealthPort::let_in() {
    const int socket = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (socket < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            pollfd end{end_.get(), POLLIN, 0};
            static_cast<void>(::poll(&end, 1, static_cast<int>(pause_without_room.count())));
        }
        return;
    }
    Socket visitor(socket);
    if (visitors_.size() == most_visitors) visitors_.erase(visitors_.begin());
    visitors_.push_back({std::move(visitor), std::chrono::steady_clock::now() + time_of_visitor, {}});
}

void HealthPort::listen_to(Visitor& visitor) const {
    std::array<char, most_bytes> bytes{};
    const ssize_t size = ::recv(visitor.socket.get(), bytes.data(), bytes.size() - visitor.request.size(), 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    visitor.is_done = size <= 0;
    if (visitor.is_done) return;
    visitor.request.append(bytes.data(), static_cast<std::size_t>(size));
    if (!is_whole(visitor.request) && visitor.request.size() < most_bytes) return;
    const std::string text = answer(visitor.request);
    static_cast<void>(::send(visitor.socket.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
    ::shutdown(visitor.socket.get(), SHUT_WR);
    visitor.is_done = true;
}

std::string HealthPort::answer(std::string_view request) const {
    const RequestLine line = first_line(request);
    if (!is_whole(request) || !line.path.starts_with('/') || !line.version.starts_with(" HTTP/1."))
        return response("400 Bad Request", "not a request that is understood here");
    const bool has_head_alone = line.method == "HEAD";
    if (line.method != "GET" && !has_head_alone) return response("405 Method Not Allowed", "GET /healthz");
    if (line.path != "/healthz" && line.path != "/") return response("404 Not Found", "GET /healthz");
    const auto complaint = complaint_();
    std::string text = complaint ? response("503 Service Unavailable", *complaint) : response("200 OK", "ok");
    if (has_head_alone) text.erase(text.find("\r\n\r\n") + 4);
    return text;
}

}  // namespace eventbus
