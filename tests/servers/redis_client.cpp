#include "tests/servers/redis_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <stdexcept>

namespace eventbus::servers {

std::int64_t RedisReply::integer() const {
    if (kind != ':') throw std::runtime_error("not an integer but: " + text);
    return std::stoll(text);
}

const RedisReply& RedisReply::value(std::string_view name) const {
    for (std::size_t i = 0; i + 1 < elements.size(); i += 2)
        if (elements[i].text == name) return elements[i + 1];
    throw std::out_of_range("there is no " + std::string(name));
}

RedisClient::RedisClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval limit{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return;
    ::close(socket_);
    throw std::runtime_error("there is no server on port " + std::to_string(port));
}

RedisClient::~RedisClient() { ::close(socket_); }

RedisReply RedisClient::operator()(const std::vector<std::string>& words) {
    std::string command = "*" + std::to_string(words.size()) + "\r\n";
    for (const std::string& word : words)
        command.append("$" + std::to_string(word.size()) + "\r\n").append(word).append("\r\n");
    if (::send(socket_, command.data(), command.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(command.size()))
        throw std::runtime_error("the server takes no command");
    RedisReply reply = read();
    received_.erase(0, read_);
    read_ = 0;
    return reply;
}

RedisReply RedisClient::read() {
    const std::string head = line();
    RedisReply reply{.kind = head.at(0), .text = head.substr(1), .elements = {}};
    if (reply.kind != '$' && reply.kind != '*') return reply;
    const std::int64_t size = std::stoll(reply.text);
    reply.text.clear();
    if (size < 0) return {};
    if (reply.kind == '$') {
        reply.text = bytes(static_cast<std::size_t>(size));
        static_cast<void>(line());
    } else {
        for (std::int64_t i = 0; i < size; ++i) reply.elements.push_back(read());
    }
    return reply;
}

std::string RedisClient::line() {
    std::size_t end = received_.find("\r\n", read_);
    for (; end == std::string::npos; end = received_.find("\r\n", read_)) receive_more();
    std::string text = received_.substr(read_, end - read_);
    read_ = end + 2;
    return text;
}

std::string RedisClient::bytes(std::size_t count) {
    while (received_.size() < read_ + count) receive_more();
    read_ += count;
    return received_.substr(read_ - count, count);
}

void RedisClient::receive_more() {
    std::array<char, 65'536> room{};
    const ssize_t got = ::recv(socket_, room.data(), room.size(), 0);
    if (got <= 0) throw std::runtime_error("the server does not answer");
    received_.append(room.data(), static_cast<std::size_t>(got));
}

}  // namespace eventbus::servers
