#include "eventbus/redis/connect_options.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "eventbus/event/error.hpp"
#include "eventbus/event/number.hpp"
#include "eventbus/redis/url_parameters.hpp"
#include "eventbus/redis/url_parts.hpp"

namespace eventbus::redis {

namespace {

struct Scheme {
    std::string_view name;
    bool has_tls;
    bool has_sentinels;
};

constexpr std::array schemes{Scheme{"redis", false, false}, Scheme{"rediss", true, false},
                             Scheme{"redis+sentinel", false, true}, Scheme{"rediss+sentinel", true, true}};

constexpr std::uint16_t redis_port = 6379;
constexpr std::uint16_t sentinel_port = 26379;

bool has_control_characters(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) { return (c >= 0 && c < ' ') || c == 0x7F; });
}

std::string read_host(std::string_view text) {
    std::string host = decode_percent(text);
    if (has_control_characters(host)) throw SettingsError("the host has control characters");
    return host.empty() ? Address{}.host : host;
}

// The text is not quoted: in a URL that is not well formed it may be a password.
std::uint16_t read_port(std::string_view text) {
    const auto port = read_number<std::uint16_t>(text);
    if (!port || *port == 0) throw SettingsError("the port must be a number from 1 to 65535");
    return *port;
}

Address read_address(std::string_view text, std::uint16_t usual_port) {
    if (!text.starts_with('[')) {
        const std::size_t colon = text.rfind(':');
        if (colon == std::string_view::npos) return {read_host(text), usual_port};
        if (text.find(':') != colon) throw SettingsError("an IPv6 address must stand in brackets");
        const std::string_view port = text.substr(colon + 1);
        return {read_host(text.substr(0, colon)), port.empty() ? usual_port : read_port(port)};
    }
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) throw SettingsError("a '[' has no ']'");
    const std::string_view rest = text.substr(end + 1);
    if (!rest.empty() && rest.front() != ':') throw SettingsError("behind a ']' only :port may stand");
    return {read_host(text.substr(1, end - 1)), rest.size() < 2 ? usual_port : read_port(rest.substr(1))};
}

std::vector<Address> read_addresses(std::string_view text, std::uint16_t usual_port) {
    std::vector<Address> addresses;
    for (std::size_t comma = 0; comma != std::string_view::npos;) {
        comma = text.find(',');
        addresses.push_back(read_address(text.substr(0, comma), usual_port));
        if (comma != std::string_view::npos) text.remove_prefix(comma + 1);
    }
    return addresses;
}

/// The first name of the path; the path goes on behind it.
std::string take_service(std::string_view& path) {
    if (!path.empty()) path.remove_prefix(1);
    const std::size_t slash = std::min(path.find('/'), path.size());
    std::string service = decode_percent(path.substr(0, slash));
    path.remove_prefix(slash);
    if (service.empty() || has_control_characters(service))
        throw SettingsError(
            "the service that the sentinels know must stand behind the hosts, as in /mymaster");
    return service;
}

std::uint32_t read_database(std::string_view path) {
    std::string digits = decode_percent(path);
    std::erase(digits, '/');
    if (digits.empty()) return 0;
    const auto number = read_number<std::uint32_t>(digits);
    if (!number) throw SettingsError("behind the host only the number of a database may stand, as in /0");
    return *number;
}

void read_unix_path(const UrlParts& parts, ConnectOptions& options) {
    options.unix_path = decode_percent(parts.path);
    if (!parts.hosts.empty() || options.unix_path.size() < 2)
        throw SettingsError("unix:// needs the whole path of a socket, as in unix:///run/redis.sock");
    if (has_control_characters(options.unix_path))
        throw SettingsError("the path of the socket has control characters");
}

void read_place(const UrlParts& parts, ConnectOptions& options) {
    const auto* const scheme = std::find_if(schemes.begin(), schemes.end(),
                                            [&](const Scheme& one) { return one.name == parts.scheme; });
    if (scheme == schemes.end())
        throw SettingsError(
            "it must begin with redis://, rediss://, unix://, redis+sentinel:// or rediss+sentinel://");
    if (scheme->has_tls) options.tls.emplace();
    std::string_view path = parts.path;
    if (scheme->has_sentinels) {
        options.sentinel.emplace().service = take_service(path);
        options.addresses = read_addresses(parts.hosts, sentinel_port);
    } else {
        options.addresses = {read_address(parts.hosts, redis_port)};
    }
    options.database = read_database(path);
}

ConnectOptions read(std::string_view url) {
    UrlParts parts = split_url(url);
    ConnectOptions options;
    if (parts.scheme == "unix") {
        read_unix_path(parts, options);
    } else {
        read_place(parts, options);
    }
    options.user = std::move(parts.user);
    options.password = std::move(parts.password);
    read_url_parameters(parts, options);
    return options;
}

/// An '@' behind the host tells that a password has cut the URL short.
bool may_have_unescaped_password(std::string_view url) {
    const std::size_t scheme = url.find("://");
    if (scheme == std::string_view::npos) return false;
    const std::size_t end = url.find_first_of("/?#", scheme + 3);
    return end != std::string_view::npos && url.find('@', end) != std::string_view::npos;
}

}  // namespace

ConnectOptions parse_connection_url(std::string_view url) {
    try {
        return read(url);
    } catch (const SettingsError& error) {
        std::string what = std::string("the URL of Redis is wrong: ") + error.what();
        if (may_have_unescaped_password(url))
            what += " (a '/', '?' or '#' in the user or the password must be written %2F, %3F or %23)";
        throw SettingsError(what);
    }
}

std::string to_string(const Address& address) {
    const bool is_ipv6 = address.host.find(':') != std::string::npos;
    return (is_ipv6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

std::string describe(const ConnectOptions& options) {
    const std::string database = std::to_string(options.database);
    if (!options.unix_path.empty())
        return "unix://" + options.unix_path + (options.database == 0 ? "" : "?db=" + database);
    std::string text = options.tls ? "rediss" : "redis";
    if (options.sentinel) text += "+sentinel";
    for (std::string_view separator = "://"; const Address& address : options.addresses) {
        text.append(separator).append(to_string(address));
        separator = ",";
    }
    if (options.sentinel) text += "/" + options.sentinel->service;
    return text + "/" + database;
}

}  // namespace eventbus::redis
