#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace eventbus::redis {

struct Address {
    std::string host = "localhost";
    std::uint16_t port = 6379;
};

/// `host:6379`, `[::1]:6379`
[[nodiscard]] std::string to_string(const Address& address);

/// How a server's certificate is checked, and which one is shown to it. Files are PEM.
struct TlsOptions {
    /// The certificate must be signed by an authority that is known.
    bool verify_certificate = true;
    /// The certificate must name the host; not looked at where the certificate is not checked.
    bool verify_host = true;
    /// TLS 1.2 is too old.
    bool only_1_3 = false;
    /// Authorities, in place of those of the system; empty for these.
    std::string ca_file;
    std::string ca_directory;
    /// Of the client; empty for none.
    std::string certificate_file;
    /// Empty when it stands in the certificate's file.
    std::string key_file;
    std::string key_password;
};

/// The server is the master of this service, which sentinels know.
struct SentinelOptions {
    std::string service;
    /// To log in at the sentinels; empty for no login.
    std::string user;
    std::string password;
};

/// Where a connection leads and how it is opened.
struct ConnectOptions {
    /// The server, or the sentinels in the order in which they are asked. Not used with `unix_path`.
    std::vector<Address> addresses = {Address{}};
    std::string unix_path;
    std::optional<SentinelOptions> sentinel;
    std::optional<TlsOptions> tls;
    /// Without a user the password is that of `default`; without both there is no login.
    std::string user;
    std::string password;
    std::uint32_t database = 0;
    /// What CLIENT LIST shows; empty for none.
    std::string client_name;
    /// To resolve the name, connect, and log in.
    std::chrono::milliseconds connect_timeout{5000};
    /// To send commands, or to wait for a reply beyond the time that the command itself may wait.
    std::chrono::milliseconds command_timeout{5000};
};

/// Reads the URL of a server:
/// `redis://[[user]:password@]host[:6379][/database]`, `rediss://` with TLS,
/// `unix://[[user]:password@]/path`, and
/// `redis+sentinel://[[user]:password@]host[:26379][,host...]/service[/database]`, `rediss+sentinel://` with
/// TLS. User, password, host and path may have %-escapes. Parameters of the query, named and read as in
/// redis-py: `db`, `username`, `password`, `client_name`, `socket_connect_timeout` and `socket_timeout`
/// (seconds), `ssl_ca_certs`, `ssl_ca_path`, `ssl_certfile`, `ssl_keyfile`, `ssl_password` (of the key),
/// `ssl_cert_reqs` (`required`, `optional` or `none`), `ssl_check_hostname` (`true` or `false`),
/// `ssl_min_version` (771 or 772); and ours: `sentinel_username`, `sentinel_password`. Those of redis-py that
/// say how it works inside (`health_check_interval`) are taken and have no effect. Throws SettingsError that
/// says what is wrong, without the password.
[[nodiscard]] ConnectOptions parse_connection_url(std::string_view url);

/// The server for a person to read, without secrets: `redis://host:6379/0`, `unix:///path`,
/// `redis+sentinel://one:26379,two:26379/service/0`.
[[nodiscard]] std::string describe(const ConnectOptions& options);

}  // namespace eventbus::redis
