#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "eventbus/redis/connection.hpp"
#include "eventbus/redis/server_error.hpp"
#include "tests/servers/proxy.hpp"
#include "tests/servers/redis_sentinel.hpp"
#include "tests/servers/redis_server.hpp"

// The servers and the network that the other tests stand on.

namespace eventbus::redis {

namespace {

using servers::Proxy;

ConnectOptions through(const Proxy& proxy) {
    ConnectOptions options;
    options.addresses = {{"127.0.0.1", proxy.port()}};
    options.connect_timeout = std::chrono::milliseconds(500);
    options.command_timeout = std::chrono::milliseconds(500);
    return options;
}

TEST(Servers, AProxyCarriesBytesAndCutsWhereItIsTold) {
    const servers::RedisServer server;
    Proxy proxy(server.port());
    Connection whole(through(proxy));
    const std::string large(3'000'000, 'x');
    whole.call("set", {"SET", "key", large});
    EXPECT_EQ(whole.call("get", {"GET", "key"}).text(), large);
    proxy.drip(1, std::chrono::microseconds(0));
    EXPECT_EQ(whole.call("get", {"GETRANGE", "key", "0", "999"}).text(), large.substr(0, 1000));
    proxy.heal();
    proxy.cut_after(Proxy::Direction::to_client, 3);
    EXPECT_THROW(whole.call("get", {"GET", "key"}), ConnectionLost);
    proxy.heal();
    Connection next(through(proxy));
    EXPECT_EQ(next.call("get", {"STRLEN", "key"}).integer(), 3'000'000);
    proxy.cut_after(Proxy::Direction::to_server, 30);
    EXPECT_THROW(next.call("set", {"SET", "other", large}), ConnectionLost);
    Connection last(through(proxy));
    EXPECT_EQ(last.call("get", {"EXISTS", "other"}).integer(), 0);
}

TEST(Servers, AProxyHoldsAndRefuses) {
    const servers::RedisServer server;
    Proxy proxy(server.port());
    Connection connection(through(proxy));
    proxy.hold(true);
    EXPECT_THROW(connection.call("ping", {"PING"}), ConnectionLost);
    EXPECT_THROW(Connection({through(proxy)}).call("ping", {"PING"}), ConnectionLost);
    proxy.heal();
    Connection healed(through(proxy));
    healed.call("ping", {"PING"});
    proxy.refuse(true);
    healed.call("ping", {"PING"});
    EXPECT_THROW(Connection({through(proxy)}).call("ping", {"PING"}), ConnectionLost);
    proxy.cut();
    EXPECT_THROW(healed.call("ping", {"PING"}), ConnectionLost);
    EXPECT_GE(proxy.connections(), 4U);
}

TEST(Servers, ASentinelMakesTheReplicaTheMaster) {
    servers::RedisServer master;
    servers::RedisServer replica;
    replica.replicate(master);
    const servers::RedisSentinel sentinel(master, 1);
    EXPECT_EQ(sentinel.master_port(), master.port());
    master.kill();
    sentinel.wait_for_other_master(master.port());
    EXPECT_EQ(sentinel.master_port(), replica.port());
}

TEST(Servers, AServerSpeaksTls) {
    const servers::TestCertificates certificates;
    const servers::RedisServer server({.tls = servers::ServerTls{.certificate = certificates.server(),
                                                                 .authority = certificates.authority()}});
    EXPECT_THAT(server.url(), testing::StartsWith("rediss://"));
    EXPECT_THAT(server.ask("PING"), testing::StartsWith("+PONG"));
}

}  // namespace

}  // namespace eventbus::redis
