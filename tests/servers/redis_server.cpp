#include "tests/servers/redis_server.hpp"

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <thread>
#include <utility>

#include "tests/servers/inline_command.hpp"

namespace eventbus::servers {

namespace {

constexpr std::chrono::seconds patience{10};

void append(std::vector<std::string>& words, std::initializer_list<std::string> more) {
    words.insert(words.end(), more);
}

void append(std::vector<std::string>& words, const ServerTls& tls) {
    append(words, {"--tls-cert-file", tls.certificate.certificate, "--tls-key-file", tls.certificate.key,
                   "--tls-ca-cert-file", tls.authority, "--tls-auth-clients", tls.asks_clients ? "yes" : "no",
                   "--tls-replication", "yes"});
}

}  // namespace

RedisServer::RedisServer(Options options) : options_(std::move(options)) {
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

std::string RedisServer::url() const {
    return (options_.tls ? "rediss://127.0.0.1:" : "redis://127.0.0.1:") + std::to_string(port_) + "/0";
}

std::vector<std::string> RedisServer::command_line() const {
    const std::string port = std::to_string(port_);
    std::vector<std::string> words{"redis-server",      "--bind",      "127.0.0.1", "--unixsocket",
                                   unix_socket(),       "--dir",       directory(), "--logfile",
                                   directory() / "log", "--daemonize", "no"};
    append(words, {"--save", "", "--appendonly", options_.keeps_data ? "yes" : "no", "--appendfsync",
                   "always", "--repl-diskless-sync-delay", "0"});
    append(words, options_.tls ? std::initializer_list<std::string>{"--port", "0", "--tls-port", port}
                               : std::initializer_list<std::string>{"--port", port});
    if (options_.tls) append(words, *options_.tls);
    words.insert(words.end(), options_.arguments.begin(), options_.arguments.end());
    return words;
}

void RedisServer::start() {
    launch();
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!answers()) {
        if (!process_.runs() || std::chrono::steady_clock::now() > deadline) {
            process_.end(SIGKILL);
            throw std::runtime_error("redis-server does not start; is it installed? its log is in " +
                                     directory().string());
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

bool RedisServer::answers() const {
    const std::string answer = ask("PING");
    return answer.starts_with("+PONG") || answer.starts_with("-NOAUTH");
}

// By the unix socket, which is this server's even where another one has taken its port.
std::string RedisServer::ask(const std::string& command) const { return answer_to(command, unix_socket()); }

void RedisServer::replicate(const RedisServer& master) const {
    static_cast<void>(ask("REPLICAOF 127.0.0.1 " + std::to_string(master.port())));
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (ask("INFO replication").find("master_link_status:up") == std::string::npos) {
        if (std::chrono::steady_clock::now() > deadline)
            throw std::runtime_error("the replica does not reach its master");
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
}

void RedisServer::stop() { process_.end(SIGTERM); }

void RedisServer::kill() { process_.end(SIGKILL); }

void RedisServer::pause() const { process_.signal(SIGSTOP); }

void RedisServer::resume() const { process_.signal(SIGCONT); }

}  // namespace eventbus::servers
