#include "eventbus/redis/connect_options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "eventbus/event/error.hpp"

namespace eventbus::redis {

namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string error_of(const std::string& url) {
    try {
        static_cast<void>(parse_connection_url(url));
        return "no error";
    } catch (const SettingsError& error) {
        return error.what();
    }
}

TEST(ConnectionUrl, HasItsDefaults) {
    const ConnectOptions options = parse_connection_url("redis://");
    ASSERT_EQ(options.addresses.size(), 1U);
    EXPECT_EQ(to_string(options.addresses.front()), "localhost:6379");
    EXPECT_EQ(options.database, 0U);
    EXPECT_FALSE(options.tls || options.sentinel);
    EXPECT_EQ(options.user + options.password + options.unix_path + options.client_name, "");
    EXPECT_EQ(describe(options), "redis://localhost:6379/0");
}

TEST(ConnectionUrl, PlacesAreReadAsByRedisPy) {
    const std::vector<std::pair<std::string, std::string>> places{
        {"redis://h", "redis://h:6379/0"},
        {"REDIS://h", "redis://h:6379/0"},
        {"redis://h:7/3", "redis://h:7/3"},
        {"redis://h:/", "redis://h:6379/0"},
        {"redis://:7", "redis://localhost:7/0"},
        {"redis:///4", "redis://localhost:6379/4"},
        {"redis://h//5/", "redis://h:6379/5"},
        {"redis://h/1?db=2", "redis://h:6379/2"},
        {"redis://h?db=&db=3", "redis://h:6379/3"},
        {"redis://h?db=2&db=3", "redis://h:6379/2"},
        {"redis://[::1]", "redis://[::1]:6379/0"},
        {"redis://u:p@[::1]:7/1", "redis://[::1]:7/1"},
        {"redis://one%2Dtwo", "redis://one-two:6379/0"},
        {"rediss://h/1", "rediss://h:6379/1"},
        {"unix:///run/redis.sock", "unix:///run/redis.sock"},
        {"unix://u:p@/run/a%20b?db=2", "unix:///run/a b?db=2"},
        {"redis+sentinel://one,two:7,[::1]/main", "redis+sentinel://one:26379,two:7,[::1]:26379/main/0"},
        {"rediss+sentinel://u:p@one/ma%2Fin/4", "rediss+sentinel://one:26379/ma/in/4"},
    };
    for (const auto& [url, place] : places) EXPECT_EQ(describe(parse_connection_url(url)), place) << url;
}

TEST(ConnectionUrl, LoginsAreReadAsByRedisPy) {
    struct Case {
        std::string url;
        std::string user;
        std::string password;
    };
    const std::vector<Case> cases{
        {"redis://u@h", "u", ""},
        {"redis://:p@h", "", "p"},
        {"redis://u:a:b@h", "u", "a:b"},
        {"redis://u:a@b@h", "u", "a@b"},
        {"redis://u%3A:p%40q%2F%3f%23%zz%4+@h", "u:", "p@q/?#%zz%4+"},
        {"redis://h?username=y&password=a+b%2B", "y", "a b+"},
        {"redis://u:p@h?username=y&password=z", "u", "p"},
        {"unix://u:p@/s", "u", "p"},
    };
    for (const Case& one : cases) {
        const ConnectOptions options = parse_connection_url(one.url);
        EXPECT_EQ(options.user, one.user) << one.url;
        EXPECT_EQ(options.password, one.password) << one.url;
        EXPECT_THAT(describe(options), Not(HasSubstr(one.password.empty() ? "@" : one.password)));
    }
}

TEST(ConnectionUrl, ParametersAreReadAsByRedisPy) {
    const ConnectOptions options = parse_connection_url(
        "rediss://h?client_name=me&socket_connect_timeout=0.25&socket_timeout=2&ssl_ca_certs=/ca%20file"
        "&ssl_ca_path=/cas&ssl_certfile=/cert&ssl_keyfile=/key&ssl_password=hush&ssl_cert_reqs=optional"
        "&ssl_check_hostname=False&ssl_min_version=772&health_check_interval=30&retry_on_timeout=true");
    EXPECT_EQ(options.client_name, "me");
    EXPECT_EQ(options.connect_timeout, milliseconds(250));
    EXPECT_EQ(options.command_timeout, milliseconds(2000));
    ASSERT_TRUE(options.tls);
    EXPECT_EQ(options.tls->ca_file, "/ca file");
    EXPECT_EQ(options.tls->ca_directory, "/cas");
    EXPECT_EQ(options.tls->certificate_file, "/cert");
    EXPECT_EQ(options.tls->key_file, "/key");
    EXPECT_EQ(options.tls->key_password, "hush");
    EXPECT_TRUE(options.tls->verify_certificate);
    EXPECT_FALSE(options.tls->verify_host);
    EXPECT_TRUE(options.tls->only_1_3);
}

TEST(ConnectionUrl, CertificatesAreCheckedIfNothingElseIsSaid) {
    const ConnectOptions usual = parse_connection_url("rediss://h");
    EXPECT_TRUE(usual.tls->verify_certificate && usual.tls->verify_host);
    EXPECT_FALSE(parse_connection_url("rediss://h?ssl_cert_reqs=none").tls->verify_certificate);
}

TEST(ConnectionUrl, SentinelsHaveALoginOfTheirOwn) {
    const ConnectOptions options =
        parse_connection_url("redis+sentinel://u:p@h/main?sentinel_username=watcher&sentinel_password=other");
    ASSERT_TRUE(options.sentinel);
    EXPECT_EQ(options.sentinel->service, "main");
    EXPECT_EQ(options.sentinel->user, "watcher");
    EXPECT_EQ(options.sentinel->password, "other");
    EXPECT_EQ(options.user, "u");
    EXPECT_EQ(options.password, "p");
}

TEST(ConnectionUrl, ErrorsSayWhatIsWrong) {
    const std::vector<std::pair<std::string, std::string>> errors{
        {"localhost:6379", "'://'"},
        {"http://h", "redis+sentinel://"},
        {"redis://h:x", "from 1 to 65535"},
        {"redis://h:0", "from 1 to 65535"},
        {"redis://h:65536", "from 1 to 65535"},
        {"redis://h:-1", "from 1 to 65535"},
        {"redis://::1", "brackets"},
        {"redis://[::1", "']'"},
        {"redis://[::1]7", ":port"},
        {"redis://h/events", "number of a database"},
        {"redis://h/-1", "number of a database"},
        {"redis://h?db=one", "db must be"},
        {"redis://h#1", "'#'"},
        {"redis://h%00x", "control characters"},
        {"unix://", "unix:///run/redis.sock"},
        {"unix://run/redis.sock", "unix:///run/redis.sock"},
        {"unix:///run/a%00b", "control characters"},
        {"redis+sentinel://h", "/mymaster"},
        {"redis+sentinel://h//0", "/mymaster"},
        {"redis://h?socket_timeout=0", "socket_timeout must be a number of seconds"},
        {"redis://h?socket_timeout=-1", "above 0"},
        {"redis://h?socket_timeout=nan", "above 0"},
        {"redis://h?socket_connect_timeout=1e9", "at most a day"},
        {"redis://h?socket_timeout=1s", "above 0"},
        {"redis://h?socket_timeout", "'='"},
        {"redis://h?soket_timeout=1", "is socket_timeout meant?"},
        {"redis://h?nonsense=1", "there are db, username, password, client_name"},
        {"redis://h?client_name=a+b", "client_name must be"},
        {"redis://h?ssl_ca_certs=/ca", "ssl_ca_certs needs TLS"},
        {"unix:///s?ssl_cert_reqs=none", "ssl_cert_reqs needs TLS"},
        {"redis://h?sentinel_password=x", "sentinel_password needs sentinels"},
        {"rediss://h?ssl_cert_reqs=never", "required, optional or none"},
        {"rediss://h?ssl_check_hostname=off", "true or false"},
        {"rediss://h?ssl_min_version=769", "771"},
        {"rediss://h?ssl_keyfile=/key", "ssl_certfile"},
        {"rediss://h?ssl_ciphers=ALL", "there is no parameter \"ssl_ciphers\""},
    };
    for (const auto& [url, text] : errors)
        EXPECT_THAT(error_of(url), AllOf(HasSubstr("the URL of Redis"), HasSubstr(text))) << url;
}

TEST(ConnectionUrl, ErrorsNeverShowAPassword) {
    for (const char* url :
         {"redis://me:hush", "redis://:hush@h:x", "redis://me:1/hush@h/0", "redis://me:1?hush@h",
          "redis://me:1?hush=@h", "redis://me:1?a=b&hush@x=1", "redis://me:1#hush@h", "redis://[me:hush@h:x",
          "http://me:hush@h", "redis://h?password=hush&x=1", "redis+sentinel://h/?sentinel_password=hush",
          "redis://h/0?password=hush&db=x", "redis+sentinel://me:hush@a:1,b:x/s",
          "rediss://h?ssl_password=hush", "unix://me:hush@x", "me:hush@h"})
        EXPECT_THAT(error_of(url), AllOf(Not(HasSubstr("hush")), Not(HasSubstr("no error")))) << url;
}

TEST(ConnectionUrl, APasswordThatCutsTheUrlShortIsSuspected) {
    for (const char* url :
         {"redis://me:p/w@h/0", "redis://me:1/w@h/0", "redis://me:1?w@h", "redis://me:1#w@h"})
        EXPECT_THAT(error_of(url), HasSubstr("%2F, %3F or %23")) << url;
    EXPECT_THAT(error_of("redis://h/0?nonsense=1"), Not(HasSubstr("%2F")));
}

}  // namespace

}  // namespace eventbus::redis
