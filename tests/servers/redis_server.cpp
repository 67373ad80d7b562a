#include "tests/servers/redis_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>
#include <utility>

namespace eventbus::servers {

namespace {

constexpr std::chrono::seconds patience{10};

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

std::uint16_t free_port() {
    const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    const bool known = ::bind(probe, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                       ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    ::close(probe);
    if (!known) throw std::runtime_error("there is no free port");
    return ntohs(address.sin_port);
}

std::filesystem::path new_directory() {
    std::string name = (std::filesystem::temp_directory_path() / "eventbus-redis-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
    return name;
}

}  // namespace

RedisServer::RedisServer(Options options) : options_(std::move(options)), directory_(new_directory()) {
    constexpr int attempts = 5;
    for (int attempt = 1;; ++attempt) {
        port_ = free_port();
        try {
            start();
            return;
        } catch (const std::runtime_error&) {
            // Another may have taken the port meanwhile.
            if (attempt == attempts) throw;
        }
    }
}

RedisServer::~RedisServer() {
    kill();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

std::string RedisServer::url() const { return "redis://127.0.0.1:" + std::to_string(port_) + "/0"; }

void RedisServer::launch() {
    std::vector<std::string> arguments{"redis-server",
                                       "--port",
                                       std::to_string(port_),
                                       "--bind",
                                       "127.0.0.1",
                                       "--unixsocket",
                                       unix_socket(),
                                       "--dir",
                                       directory_.string(),
                                       "--save",
                                       "",
                                       "--appendonly",
                                       options_.keeps_data ? "yes" : "no",
                                       "--appendfsync",
                                       "always",
                                       "--daemonize",
                                       "no",
                                       "--logfile",
                                       (directory_ / "log").string()};
    arguments.insert(arguments.end(), options_.arguments.begin(), options_.arguments.end());
    std::vector<char*> words;
    for (std::string& argument : arguments) words.push_back(argument.data());
    words.push_back(nullptr);
    process_ = ::fork();
    if (process_ < 0) throw std::runtime_error("cannot fork");
    if (process_ > 0) return;
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (const int stream : {0, 1, 2}) ::dup2(nothing, stream);
    ::execvp(words.front(), words.data());
    ::_exit(127);
}

void RedisServer::start() {
    launch();
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!answers()) {
        const bool has_ended = ::waitpid(process_, nullptr, WNOHANG) == process_;
        if (has_ended) process_ = -1;
        if (has_ended || std::chrono::steady_clock::now() > deadline) {
            kill();
            throw std::runtime_error("redis-server does not start; is it installed? its log is in " +
                                     directory_.string());
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

bool RedisServer::answers() const {
    const std::string answer = ask("PING");
    return answer.starts_with("+PONG") || answer.starts_with("-NOAUTH");
}

std::string RedisServer::ask(const std::string& command) const {
    const int connection = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port_);
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

void RedisServer::end(int signal) {
    if (process_ <= 0) return;
    ::kill(process_, signal);
    ::waitpid(process_, nullptr, 0);
    process_ = -1;
}

void RedisServer::stop() { end(SIGTERM); }

void RedisServer::kill() { end(SIGKILL); }

void RedisServer::pause() const { ::kill(process_, SIGSTOP); }

void RedisServer::resume() const { ::kill(process_, SIGCONT); }

}  // namespace eventbus::servers
