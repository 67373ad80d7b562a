#include "eventbus/command/reachability.hpp"

#include <charconv>
#include <cstring>

#include "eventbus/command/tcp.hpp"
#include "eventbus/event/error.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

std::uint16_t parse_port(std::string_view text, std::string_view whole) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size() || port == 0)
        throw InvalidValue(quote(whole) + " is no address: a port is a number up to 65535");
    return port;
}

HostAndPort parse_address(std::string_view whole, std::uint16_t usual_port) {
    std::string_view text = whole;
    if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos)
        text.remove_prefix(scheme + 3);
    std::size_t end_of_host = text.rfind(':');
    if (text.starts_with('[')) {
        const std::size_t bracket = text.find(']');
        if (bracket == std::string_view::npos) throw InvalidValue(quote(whole) + " is no address");
        end_of_host = bracket + 1 < text.size() ? bracket + 1 : std::string_view::npos;
    }
    std::string_view host = text.substr(0, end_of_host);
    if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
    if (host.empty()) throw InvalidValue(quote(whole) + " is no address: it has no host");
    if (end_of_host == std::string_view::npos) return {std::string(host), usual_port};
    return {std::string(host), parse_port(text.substr(end_of_host + 1), whole)};
}

tcp::Addresses resolve(const HostAndPort& where, std::string& complaint) {
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICSERV;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int code = ::getaddrinfo(where.host.c_str(), std::to_string(where.port).c_str(), &hints, &found);
    if (code != 0)
        complaint = "the name " + quote(where.host) + " is not known here: " + ::gai_strerror(code);
    return {found, [](addrinfo* list) {
                if (list != nullptr) ::freeaddrinfo(list);
            }};
}

}  // namespace

std::vector<HostAndPort> parse_addresses(std::string_view list, std::uint16_t usual_port) {
    std::vector<HostAndPort> addresses;
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        if (const std::string_view one = trimmed(list.substr(0, comma)); !one.empty())
            addresses.push_back(parse_address(one, usual_port));
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return addresses;
}

std::optional<std::string> complaint_of_name(const std::string& host) {
    std::string complaint;
    static_cast<void>(resolve({host, 1}, complaint));
    return complaint.empty() ? std::nullopt : std::optional(complaint);
}

std::optional<std::string> complaint_of_address(const HostAndPort& where, std::chrono::milliseconds limit) {
    std::string complaint;
    const tcp::Addresses addresses = resolve(where, complaint);
    const auto until = tcp::Clock::now() + limit;
    for (const addrinfo* one = addresses.get(); one != nullptr; one = one->ai_next) {
        const Descriptor socket = tcp::open_socket(*one);
        const auto error = socket.is_open() ? tcp::error_of_connecting(socket, *one, until) : errno;
        if (!error) return std::nullopt;
        complaint = "cannot connect to port " + std::to_string(where.port) + " of " + where.host + ": " +
                    std::strerror(*error);
    }
    return complaint;
}

}  // namespace eventbus
