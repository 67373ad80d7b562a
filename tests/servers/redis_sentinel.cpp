#include "tests/servers/redis_sentinel.hpp"

#include <chrono>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include "tests/servers/inline_command.hpp"

namespace eventbus::servers {

namespace {

constexpr std::chrono::seconds patience{10};
/// A failover that is undecided is tried again.
constexpr std::chrono::seconds failover_patience{30};

template <class Condition>
void wait_until(const Condition& condition, std::chrono::seconds limit, const std::string& what) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error(what);
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
}

}  // namespace

RedisSentinel::RedisSentinel(const RedisServer& master, int replicas, Options options)
    : options_(std::move(options)), port_(free_port()) {
    start(master);
    const std::string known = "num-slaves\r\n$1\r\n" + std::to_string(replicas) + "\r\n";
    wait_until([&] { return ask("SENTINEL MASTER " + options_.service).find(known) != std::string::npos; },
               patience, "the sentinel does not start, or finds no replicas");
}

void RedisSentinel::start(const RedisServer& master) {
    const std::string path = (directory_.path() / "sentinel.conf").string();
    const std::string& service = options_.service;
    std::ofstream file(path);
    file << "bind 127.0.0.1\nunixsocket " << socket() << "\ndir " << directory_.path().string()
         << "\nlogfile " << (directory_.path() / "log").string() << '\n'
         << (options_.tls ? "port 0\ntls-port " : "port ") << port_ << '\n';
    if (options_.tls)
        file << "tls-cert-file " << options_.tls->certificate.certificate << "\ntls-key-file "
             << options_.tls->certificate.key << "\ntls-ca-cert-file " << options_.tls->authority
             << "\ntls-auth-clients no\ntls-replication yes\n";
    file << "sentinel monitor " << service << " 127.0.0.1 " << master.port() << " 1\n"
         << "sentinel down-after-milliseconds " << service << " 300\n"
         << "sentinel failover-timeout " << service << " 3000\n";
    if (!options_.master_password.empty())
        file << "sentinel auth-pass " << service << ' ' << options_.master_password << '\n';
    if (!options_.password.empty()) file << "requirepass " << options_.password << '\n';
    file.close();
    process_.start({"redis-server", path, "--sentinel"});
}

void RedisSentinel::kill() { process_.end(SIGKILL); }

std::string RedisSentinel::ask(const std::string& command) const {
    const std::string login = options_.password.empty() ? "" : "AUTH " + options_.password + "\r\n";
    return answer_to(login + command, socket());
}

std::uint16_t RedisSentinel::master_port() const {
    const std::string answer = ask("SENTINEL GET-MASTER-ADDR-BY-NAME " + options_.service);
    const std::size_t end = answer.rfind("\r\n");
    const std::size_t line = end == std::string::npos || end == 0 ? end : answer.rfind("\r\n", end - 1);
    if (line == std::string::npos) return 0;
    try {
        return static_cast<std::uint16_t>(std::stoi(answer.substr(line + 2)));
    } catch (const std::exception&) {
        return 0;
    }
}

void RedisSentinel::wait_for_other_master(std::uint16_t port) const {
    wait_until(
        [&] {
            const std::uint16_t now = master_port();
            return now != 0 && now != port;
        },
        failover_patience, "the sentinel makes no other server the master");
}

}  // namespace eventbus::servers
