#include "tests/servers/proxy.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <list>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eventbus::servers {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t most_waiting = std::size_t{256} << 10;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

const sockaddr* plain(const sockaddr_in& address) { return reinterpret_cast<const sockaddr*>(&address); }

/// A socket that is reset at the end, if it is not told to end in order.
class Socket {
  public:
    explicit Socket(int number) : number_(number) {}
    Socket(Socket&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    Socket& operator=(Socket&&) = delete;
    ~Socket() {
        if (number_ < 0) return;
        const linger at_once{.l_onoff = ends_in_order_ ? 0 : 1, .l_linger = 0};
        ::setsockopt(number_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        ::close(number_);
    }
    [[nodiscard]] int get() const { return number_; }
    void end_in_order() { ends_in_order_ = true; }

  private:
    int number_;
    bool ends_in_order_ = false;
};

void make_prompt(int socket) {
    const int yes = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) | O_NONBLOCK);
}

/// Bytes that are on their way.
struct Piece {
    Clock::time_point due;
    std::string bytes;
};

struct Flow {
    Socket& from;
    Socket& to;
    Proxy::Direction direction;
    std::deque<Piece> pieces = {};
    std::size_t waiting = 0;
    Clock::time_point next = {};
    bool has_ended = false;
    bool end_is_passed_on = false;
};

struct Conversation {
    Conversation(Socket client_socket, Socket server_socket)
        : client(std::move(client_socket)),
          server(std::move(server_socket)),
          flows{Flow{.from = client, .to = server, .direction = Proxy::Direction::to_server},
                Flow{.from = server, .to = client, .direction = Proxy::Direction::to_client}} {}

    Socket client;
    Socket server;
    std::array<Flow, 2> flows;
    bool is_broken = false;
};

struct Weather {
    std::chrono::milliseconds delay{0};
    std::size_t most_bytes = 0;
    std::chrono::microseconds pause{0};
    bool holds = false;
    bool refuses = false;
    bool cuts = false;
    bool ends = false;
    /// Bytes until the cut.
    std::array<std::optional<std::size_t>, 2> left = {};
};

}  // namespace

class Proxy::Network {
  public:
    explicit Network(std::uint16_t server_port)
        : server_port_(server_port),
          listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
          wake_up_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
        sockaddr_in address = loopback(0);
        socklen_t size = sizeof address;
        if (::bind(listener_.get(), plain(address), size) != 0 || ::listen(listener_.get(), 64) != 0 ||
            ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
            throw std::runtime_error("the proxy cannot listen");
        port_ = ntohs(address.sin_port);
    }

    template <class Change>
    void change(const Change& change) {
        {
            const std::lock_guard lock(mutex_);
            change(weather_);
        }
        const std::uint64_t one = 1;
        static_cast<void>(::write(wake_up_.get(), &one, sizeof one));
    }

    void work() {
        for (;;) {
            wait();
            const std::lock_guard lock(mutex_);
            if (weather_.ends) return;
            if (std::exchange(weather_.cuts, false)) conversations_.clear();
            accept();
            if (weather_.holds) continue;
            for (Conversation& one : conversations_)
                for (Flow& flow : one.flows) carry(one, flow);
            conversations_.remove_if([](const Conversation& one) { return one.is_broken; });
        }
    }

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::size_t connections() const {
        const std::lock_guard lock(mutex_);
        return connections_;
    }

  private:
    void wait() {
        std::vector<pollfd> watched{{wake_up_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
        auto until = Clock::now() + std::chrono::seconds(1);
        {
            const std::lock_guard lock(mutex_);
            for (const Conversation& one : conversations_)
                for (const Flow& flow : one.flows) watch(flow, watched, until);
        }
        const auto left = std::max(Clock::duration::zero(), until - Clock::now());
        const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
        const timespec limit{.tv_sec = seconds.count(),
                             .tv_nsec = std::chrono::nanoseconds(left - seconds).count()};
        ::ppoll(watched.data(), watched.size(), &limit, nullptr);
        std::uint64_t calls = 0;
        static_cast<void>(::read(wake_up_.get(), &calls, sizeof calls));
    }

    void watch(const Flow& flow, std::vector<pollfd>& watched, Clock::time_point& until) const {
        if (weather_.holds) return;
        if (!flow.has_ended && flow.waiting < most_waiting) watched.push_back({flow.from.get(), POLLIN, 0});
        if (flow.pieces.empty()) return;
        const auto due = std::max(flow.next, flow.pieces.front().due);
        if (due <= Clock::now()) {
            watched.push_back({flow.to.get(), POLLOUT, 0});
        } else {
            until = std::min(until, due);
        }
    }

    void accept() {
        for (;;) {
            Socket client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (client.get() < 0) return;
            ++connections_;
            if (weather_.refuses) continue;
            Socket server(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
            const sockaddr_in address = loopback(server_port_);
            if (::connect(server.get(), plain(address), sizeof address) != 0) continue;
            make_prompt(client.get());
            make_prompt(server.get());
            conversations_.emplace_back(std::move(client), std::move(server));
        }
    }

    void carry(Conversation& conversation, Flow& flow) {
        take(conversation, flow);
        while (!flow.pieces.empty() && !conversation.is_broken &&
               std::max(flow.next, flow.pieces.front().due) <= Clock::now())
            if (!give(conversation, flow)) break;
        if (!flow.has_ended || !flow.pieces.empty() || std::exchange(flow.end_is_passed_on, true)) return;
        ::shutdown(flow.to.get(), SHUT_WR);
        if (conversation.flows[0].end_is_passed_on && conversation.flows[1].end_is_passed_on)
            conversation.is_broken = true;
    }

    void take(Conversation& conversation, Flow& flow) {
        std::array<char, 65'536> room;  // NOLINT(cppcoreguidelines-pro-type-member-init)
        while (!flow.has_ended && flow.waiting < most_waiting) {
            const ssize_t got = ::recv(flow.from.get(), room.data(), room.size(), 0);
            if (got > 0) {
                flow.pieces.push_back(
                    {Clock::now() + weather_.delay, std::string(room.data(), static_cast<std::size_t>(got))});
                flow.waiting += static_cast<std::size_t>(got);
            } else {
                if (got == 0) flow.has_ended = true;
                if (got < 0 && errno != EAGAIN && errno != EINTR) conversation.is_broken = true;
                return;
            }
        }
    }

    /// False when the receiver takes no more.
    bool give(Conversation& conversation, Flow& flow) {
        std::string& bytes = flow.pieces.front().bytes;
        std::optional<std::size_t>& left = weather_.left.at(static_cast<std::size_t>(flow.direction));
        std::size_t most = bytes.size();
        if (weather_.most_bytes != 0) most = std::min(most, weather_.most_bytes);
        if (left) most = std::min(most, *left);
        if (most > 0) {
            const ssize_t sent = ::send(flow.to.get(), bytes.data(), most, MSG_NOSIGNAL);
            if (sent < 0) {
                conversation.is_broken = errno != EAGAIN && errno != EINTR;
                return false;
            }
            note_given(flow, static_cast<std::size_t>(sent), left);
        }
        if (left && *left == 0) {
            left.reset();
            end_after_delivery(conversation, flow);
        }
        return true;
    }

    void note_given(Flow& flow, std::size_t sent, std::optional<std::size_t>& left) const {
        std::string& bytes = flow.pieces.front().bytes;
        bytes.erase(0, sent);
        flow.waiting -= sent;
        if (left) *left -= sent;
        if (weather_.most_bytes != 0) flow.next = Clock::now() + weather_.pause;
        if (bytes.empty()) flow.pieces.pop_front();
    }

    // A reset would take back what the receiver has not read yet.
    static void end_after_delivery(Conversation& conversation, Flow& flow) {
        flow.to.end_in_order();
        conversation.is_broken = true;
    }

    std::uint16_t server_port_;
    std::uint16_t port_ = 0;
    Socket listener_;
    Socket wake_up_;
    mutable std::mutex mutex_;
    Weather weather_;
    std::size_t connections_ = 0;
    std::list<Conversation> conversations_;
};

Proxy::Proxy(std::uint16_t server_port)
    : network_(std::make_unique<Network>(server_port)), thread_([this] { network_->work(); }) {}

Proxy::~Proxy() {
    network_->change([](Weather& weather) { weather.ends = true; });
    thread_.join();
}

std::uint16_t Proxy::port() const { return network_->port(); }

std::size_t Proxy::connections() const { return network_->connections(); }

void Proxy::delay(std::chrono::milliseconds time) {
    network_->change([time](Weather& weather) { weather.delay = time; });
}

void Proxy::drip(std::size_t most_bytes, std::chrono::microseconds pause) {
    network_->change([=](Weather& weather) {
        weather.most_bytes = most_bytes;
        weather.pause = pause;
    });
}

void Proxy::hold(bool holds) {
    network_->change([holds](Weather& weather) { weather.holds = holds; });
}

void Proxy::refuse(bool refuses) {
    network_->change([refuses](Weather& weather) { weather.refuses = refuses; });
}

void Proxy::cut() {
    network_->change([](Weather& weather) { weather.cuts = true; });
}

void Proxy::cut_after(Direction direction, std::size_t bytes) {
    network_->change([=](Weather& weather) { weather.left.at(static_cast<std::size_t>(direction)) = bytes; });
}

void Proxy::heal() {
    network_->change([](Weather& weather) { weather = Weather{.cuts = weather.cuts, .ends = weather.ends}; });
}

}  // namespace eventbus::servers
