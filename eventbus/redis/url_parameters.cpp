#include "eventbus/redis/url_parameters.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>
#include <string>
#include <system_error>

#include "eventbus/event/error.hpp"
#include "eventbus/event/nearest.hpp"
#include "eventbus/event/number.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus::redis {

namespace {

using Text = const std::string&;

[[noreturn]] void wrong(std::string_view name, std::string_view allowed) {
    throw SettingsError(std::string(name).append(" must be ").append(allowed));
}

std::chrono::milliseconds seconds(std::string_view name, Text value) {
    constexpr double most = 86'400;
    double number = 0;
    const char* const end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, number);
    if (error != std::errc{} || stop != end || !(number > 0 && number <= most))
        wrong(name, "a number of seconds above 0, at most a day");
    return std::chrono::milliseconds(std::llround(std::ceil(number * 1000)));
}

// The words that redis-py takes for no; where it takes any other word for yes, only the usual ones are.
bool yes_or_no(std::string_view name, Text value) {
    std::string word = value;
    std::transform(word.begin(), word.end(), word.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    for (const std::string_view yes : {"true", "1", "t", "yes", "y"})
        if (word == yes) return true;
    for (const std::string_view no : {"false", "0", "f", "no", "n"})
        if (word == no) return false;
    wrong(name, "true or false");
}

std::string file_name(std::string_view name, Text value) {
    if (value.find('\0') != std::string::npos) wrong(name, "a path");
    return value;
}

std::string connection_name(std::string_view name, Text value) {
    if (!std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && c < 0x7F; }))
        wrong(name, "printable ASCII without spaces");
    return value;
}

TlsOptions& tls(ConnectOptions& options, std::string_view name) {
    if (!options.tls) throw SettingsError(std::string(name) + " needs TLS (rediss:// or rediss+sentinel://)");
    return *options.tls;
}

SentinelOptions& sentinel(ConnectOptions& options, std::string_view name) {
    if (!options.sentinel)
        throw SettingsError(std::string(name) + " needs sentinels (redis+sentinel:// or rediss+sentinel://)");
    return *options.sentinel;
}

// For a client, `optional` is as good as `required`: a server always shows a certificate.
void certificate_requirement(ConnectOptions& options, std::string_view name, Text value) {
    if (value != "required" && value != "optional" && value != "none")
        wrong(name, "required, optional or none");
    tls(options, name).verify_certificate = value != "none";
}

// Python's numbers for the versions.
void least_version(ConnectOptions& options, std::string_view name, Text value) {
    if (value != "771" && value != "772") wrong(name, "771 for TLS 1.2 or 772 for TLS 1.3");
    tls(options, name).only_1_3 = value == "772";
}

void database(ConnectOptions& options, std::string_view name, Text value) {
    const auto number = read_number<std::uint32_t>(value);
    if (!number) wrong(name, "the number of a database");
    options.database = *number;
}

struct Parameter {
    std::string_view name;
    void (*read)(ConnectOptions& options, std::string_view name, Text value);
};

// What stands in the URL's login goes first, as in redis-py.
constexpr std::array parameters{
    Parameter{"db", database},
    Parameter{"username",
              [](ConnectOptions& o, std::string_view, Text value) {
                  if (o.user.empty()) o.user = value;
              }},
    Parameter{"password",
              [](ConnectOptions& o, std::string_view, Text value) {
                  if (o.password.empty()) o.password = value;
              }},
    Parameter{"client_name", [](ConnectOptions& o, std::string_view name,
                                Text value) { o.client_name = connection_name(name, value); }},
    Parameter{"socket_connect_timeout", [](ConnectOptions& o, std::string_view name,
                                           Text value) { o.connect_timeout = seconds(name, value); }},
    Parameter{"socket_timeout", [](ConnectOptions& o, std::string_view name,
                                   Text value) { o.command_timeout = seconds(name, value); }},
    Parameter{"ssl_ca_certs", [](ConnectOptions& o, std::string_view name,
                                 Text value) { tls(o, name).ca_file = file_name(name, value); }},
    Parameter{"ssl_ca_path", [](ConnectOptions& o, std::string_view name,
                                Text value) { tls(o, name).ca_directory = file_name(name, value); }},
    Parameter{"ssl_certfile", [](ConnectOptions& o, std::string_view name,
                                 Text value) { tls(o, name).certificate_file = file_name(name, value); }},
    Parameter{"ssl_keyfile", [](ConnectOptions& o, std::string_view name,
                                Text value) { tls(o, name).key_file = file_name(name, value); }},
    Parameter{"ssl_password", [](ConnectOptions& o, std::string_view name,
                                 Text value) { tls(o, name).key_password = value; }},
    Parameter{"ssl_cert_reqs", certificate_requirement},
    Parameter{"ssl_check_hostname", [](ConnectOptions& o, std::string_view name,
                                       Text value) { tls(o, name).verify_host = yes_or_no(name, value); }},
    Parameter{"ssl_min_version", least_version},
    Parameter{"sentinel_username",
              [](ConnectOptions& o, std::string_view name, Text value) { sentinel(o, name).user = value; }},
    Parameter{"sentinel_password", [](ConnectOptions& o, std::string_view name,
                                      Text value) { sentinel(o, name).password = value; }},
};

// How the Python client works inside; nothing in them is about the server, or about safety.
constexpr std::array<std::string_view, 15> without_meaning_here{
    "socket_keepalive", "retry_on_timeout", "retry_on_error",   "socket_read_size", "max_connections",
    "timeout",          "protocol",         "legacy_responses", "encoding",         "encoding_errors",
    "decode_responses", "lib_name",         "lib_version",      "driver_info",      "health_check_interval"};

bool is_word(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9');
    });
}

// What is no word, or has an '@' behind it, may be a piece of a password.
bool may_be_shown(const UrlParts& parts, std::string_view name) {
    return is_word(name) &&
           std::none_of(parts.parameters.begin(), parts.parameters.end(),
                        [](const auto& one) { return one.second.find('@') != std::string::npos; });
}

[[noreturn]] void unknown(std::string_view name, bool is_shown) {
    std::vector<std::string_view> known;
    for (const Parameter& parameter : parameters) known.push_back(parameter.name);
    std::string what = is_shown ? "there is no parameter " + quote(name) : "a parameter is unknown";
    if (const std::string_view nearest = nearest_name(name, known); !nearest.empty())
        throw SettingsError(what.append("; is ").append(nearest).append(" meant?"));
    what.append("; there are");
    for (std::string_view separator = " "; const std::string_view one : known) {
        what.append(separator).append(one);
        separator = ", ";
    }
    throw SettingsError(what);
}

void check(const TlsOptions& options) {
    if (!options.key_file.empty() && options.certificate_file.empty())
        throw SettingsError("ssl_keyfile needs ssl_certfile");
    if (!options.key_password.empty() && options.certificate_file.empty())
        throw SettingsError("ssl_password needs ssl_certfile");
}

}  // namespace

void read_url_parameters(const UrlParts& parts, ConnectOptions& options) {
    for (const auto& [name, value] : parts.parameters) {
        const auto is_it = [&parameter_name = name](const Parameter& one) {
            return one.name == parameter_name;
        };
        const auto found = std::find_if(parameters.begin(), parameters.end(), is_it);
        if (found != parameters.end()) {
            found->read(options, name, value);
        } else if (std::find(without_meaning_here.begin(), without_meaning_here.end(), name) ==
                   without_meaning_here.end()) {
            unknown(name, may_be_shown(parts, name));
        }
    }
    if (options.tls) check(*options.tls);
}

}  // namespace eventbus::redis
