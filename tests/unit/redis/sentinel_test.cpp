#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "eventbus/redis/connection.hpp"
#include "eventbus/redis/server_error.hpp"
#include "tests/servers/proxy.hpp"
#include "tests/servers/redis_sentinel.hpp"

namespace eventbus::redis {

namespace {

using servers::RedisSentinel;
using servers::RedisServer;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string at(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

std::string url_of(const std::string& sentinels, const std::string& login = {}) {
    return "redis+sentinel://" + login + sentinels + "/events";
}

/// The port of the server that the URL leads to.
std::string port_behind(const std::string& url) {
    Connection connection(parse_connection_url(url));
    return std::string(connection.call("ask", {"CONFIG", "GET", "port"})[1].text());
}

std::string error_of(const std::string& url) {
    try {
        return "no error but " + port_behind(url);
    } catch (const BrokerError& error) {
        return (error.retriable() ? "passes: " : "lasts: ") + std::string(error.what());
    }
}

TEST(Sentinel, LeadsToTheMasterBeforeAndAfterAFailover) {
    RedisServer master;
    const RedisServer replica;
    replica.replicate(master);
    const RedisSentinel sentinel(master, 1);
    const std::string url = url_of(at(sentinel.port()));
    EXPECT_EQ(port_behind(url), std::to_string(master.port()));
    master.kill();
    EXPECT_THAT(error_of(url), AllOf(HasSubstr("passes: cannot find the master of \"events\""),
                                     HasSubstr(at(master.port())), HasSubstr("refused")));
    sentinel.wait_for_other_master(master.port());
    EXPECT_EQ(port_behind(url), std::to_string(replica.port()));
    // The old one comes back, as a master for a moment.
    master.start();
    EXPECT_EQ(port_behind(url), std::to_string(replica.port()));
}

TEST(Sentinel, EachIsAskedInItsTurn) {
    const RedisServer master;
    const RedisServer silent_server;
    servers::Proxy silent(silent_server.port());
    silent.hold(true);
    const RedisSentinel sentinel(master, 0);
    const std::string dead = at(servers::free_port());
    const std::string all =
        dead + "," + at(silent.port()) + "," + at(silent_server.port()) + "," + at(sentinel.port());
    EXPECT_EQ(port_behind(url_of(all) + "?socket_connect_timeout=2"), std::to_string(master.port()));
    EXPECT_THAT(error_of(url_of(dead + "," + at(silent_server.port()))),
                AllOf(HasSubstr("passes: "), HasSubstr("sentinel " + dead + ": "), HasSubstr("refused"),
                      HasSubstr("sentinel " + at(silent_server.port()) + ": "),
                      HasSubstr("does not know a command")));
}

TEST(Sentinel, AServiceThatItDoesNotKnowIsAnError) {
    const RedisServer master;
    const RedisSentinel sentinel(master, 0, {.service = "other"});
    EXPECT_THAT(error_of(url_of(at(sentinel.port()))),
                AllOf(HasSubstr("lasts: "), HasSubstr("it knows no service \"events\"")));
}

TEST(Sentinel, TheOneThatItNamesMustBeAMaster) {
    RedisServer master;
    const RedisServer replica;
    const RedisSentinel sentinel(replica, 0);
    static_cast<void>(replica.ask("REPLICAOF 127.0.0.1 " + std::to_string(master.port())));
    EXPECT_THAT(error_of(url_of(at(sentinel.port()))),
                AllOf(HasSubstr("passes: "), HasSubstr("is a replica")));
}

TEST(Sentinel, HasALoginOfItsOwn) {
    const RedisServer master({.arguments = {"--requirepass", "hush"}});
    const RedisSentinel sentinel(master, 0, {.password = "other", .master_password = "hush"});
    const std::string url = url_of(at(sentinel.port()), ":hush@");
    EXPECT_EQ(port_behind(url + "?sentinel_password=other"), std::to_string(master.port()));
    EXPECT_THAT(error_of(url),
                AllOf(HasSubstr("lasts: "), HasSubstr("wants a password"), Not(HasSubstr("hush"))));
    EXPECT_THAT(error_of(url + "?sentinel_password=wrong-one"),
                AllOf(HasSubstr("lasts: "), HasSubstr("WRONGPASS"), Not(HasSubstr("wrong-one"))));
    EXPECT_THAT(error_of(url_of(at(sentinel.port()), ":wrong-one@") + "?sentinel_password=other"),
                AllOf(HasSubstr("lasts: "), HasSubstr("WRONGPASS"), Not(HasSubstr("wrong-one"))));
}

TEST(Sentinel, SpeaksTls) {
    const servers::TestCertificates certificates;
    const servers::ServerTls tls{.certificate = certificates.server(), .authority = certificates.authority()};
    const RedisServer master({.tls = tls});
    const RedisSentinel sentinel(master, 0, {.tls = tls});
    Connection connection(parse_connection_url("rediss+sentinel://" + at(sentinel.port()) +
                                               "/events/1?ssl_ca_certs=" + certificates.authority()));
    EXPECT_EQ(connection.call("ask", {"CONFIG", "GET", "tls-port"})[1].text(), std::to_string(master.port()));
}

}  // namespace

}  // namespace eventbus::redis
