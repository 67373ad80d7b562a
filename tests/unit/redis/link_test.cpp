#include "eventbus/redis/link.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "eventbus/redis/server_error.hpp"
#include "tests/servers/redis_server.hpp"

namespace eventbus::redis {

namespace {

using servers::RedisServer;

std::int64_t id_of(Link& link) {
    return link.use([](Connection& connection) {
        return connection.call("ask", {"CLIENT", "ID"}).integer();
    });
}

TEST(Link, OpensWhenItIsNeededAndKeepsTheConnection) {
    const RedisServer server;
    Link link(parse_connection_url(server.url()));
    EXPECT_FALSE(link.is_open());
    EXPECT_EQ(link.openings(), 0U);
    const std::int64_t id = id_of(link);
    EXPECT_EQ(id_of(link), id);
    EXPECT_EQ(link.openings(), 1U);
}

TEST(Link, OpensAnewWhatTheServerClosed) {
    RedisServer server;
    Link link(parse_connection_url(server.url()));
    const std::int64_t id = id_of(link);
    Connection& killed = link.connection();
    static_cast<void>(server.ask("CLIENT KILL ID " + std::to_string(id)));
    // The server may close it a little later than it says so.
    EXPECT_THROW(static_cast<void>(killed.receive(in(std::chrono::milliseconds(10'000)), nullptr)),
                 ConnectionLost);
    EXPECT_NE(id_of(link), id);
    EXPECT_EQ(link.openings(), 2U);
    server.stop();
    EXPECT_THROW(id_of(link), ConnectionLost);
    EXPECT_FALSE(link.is_open());
    server.start();
    static_cast<void>(id_of(link));
    EXPECT_EQ(link.openings(), 3U);
}

TEST(Link, WhatGoesWrongClosesIt) {
    const RedisServer server;
    Link link(parse_connection_url(server.url()));
    EXPECT_THROW(link.use([](Connection& connection) {
        connection.commands().add({"PING"});
        connection.send();
        throw std::runtime_error("in between");
    }),
                 std::runtime_error);
    EXPECT_FALSE(link.is_open());
    EXPECT_GT(id_of(link), 0);
}

/// Whether it holds in a child of a fork.
template <class Condition>
bool holds_in_child(const Condition& condition) {
    const pid_t child = ::fork();
    if (child == 0) {
        bool holds = false;
        try {
            holds = condition();
        } catch (const std::exception&) {
            holds = false;
        }
        ::_exit(holds ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void survives_a_fork(const std::string& url) {
    Link link(parse_connection_url(url));
    const std::int64_t id = id_of(link);
    EXPECT_TRUE(holds_in_child([&] { return id_of(link) != id && link.openings() == 2; }));
    EXPECT_TRUE(holds_in_child([&] {
        link.abandon();
        return !link.is_open() && id_of(link) != id;
    }));
    EXPECT_EQ(id_of(link), id);
    EXPECT_EQ(link.openings(), 1U);
}

TEST(Link, AChildOpensItsOwnAndLeavesItsParentsAlone) {
    const RedisServer server;
    survives_a_fork(server.url());
}

TEST(Link, AChildOpensItsOwnWithTlsToo) {
    const servers::TestCertificates certificates;
    const RedisServer server({.tls = servers::ServerTls{.certificate = certificates.server(),
                                                        .authority = certificates.authority()}});
    survives_a_fork(server.url() + "?ssl_ca_certs=" + certificates.authority());
}

}  // namespace

}  // namespace eventbus::redis
