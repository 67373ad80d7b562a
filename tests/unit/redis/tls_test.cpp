#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

#include "eventbus/redis/connection.hpp"
#include "eventbus/redis/server_error.hpp"
#include "tests/servers/proxy.hpp"
#include "tests/servers/redis_server.hpp"

namespace eventbus::redis {

namespace {

using servers::RedisServer;
using std::chrono::milliseconds;
using testing::AllOf;
using testing::HasSubstr;

const servers::TestCertificates& certificates() {
    static const servers::TestCertificates made;
    return made;
}

RedisServer::Options serving(servers::Certificate certificate, bool asks_clients = false) {
    return {.tls = servers::ServerTls{.certificate = std::move(certificate),
                                      .authority = certificates().authority(),
                                      .asks_clients = asks_clients}};
}

std::string trusting(const RedisServer& server) {
    return server.url() + "?ssl_ca_certs=" + certificates().authority();
}

std::string with_certificate(const std::string& url, const servers::Certificate& certificate) {
    return url + "&ssl_certfile=" + certificate.certificate + "&ssl_keyfile=" + certificate.key;
}

std::string ping(const std::string& url) {
    Connection connection(parse_connection_url(url));
    return std::string(connection.call("ping", {"PING"}).text());
}

/// Its text, if trying again cannot help.
std::string lasting_error_of(const std::string& url) {
    try {
        return "no error but " + ping(url);
    } catch (const BrokerError& error) {
        return error.retriable() ? std::string("retriable: ") + error.what() : error.what();
    }
}

TEST(Tls, ConnectsWhereTheCertificateIsRight) {
    const RedisServer server(serving(certificates().server()));
    EXPECT_EQ(ping(trusting(server)), "PONG");
    const std::string by_name =
        "rediss://localhost:" + std::to_string(server.port()) + "?ssl_ca_certs=" + certificates().authority();
    EXPECT_EQ(ping(by_name), "PONG");
    EXPECT_EQ(ping(trusting(server) + "&ssl_min_version=772"), "PONG");
    EXPECT_EQ(ping(trusting(server) + "&ssl_cert_reqs=optional"), "PONG");
}

TEST(Tls, LargeEventsPassWhole) {
    const RedisServer server(serving(certificates().server()));
    Connection connection(parse_connection_url(trusting(server)));
    std::string large(5'000'000, 'x');
    for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 2'654'435'761U >> 13);
    connection.call("set", {"SET", "key", large});
    EXPECT_EQ(connection.call("get", {"GET", "key"}).text(), large);
}

TEST(Tls, WhatOpenSslHasAlreadyIsNotWaitedFor) {
    const RedisServer server(serving(certificates().server()));
    Connection connection(parse_connection_url(trusting(server)));
    constexpr int commands = 3'000;
    for (int i = 0; i < commands; ++i) connection.commands().add({"ECHO", std::to_string(i)});
    connection.send();
    for (int i = 0; i < commands; ++i) ASSERT_EQ(connection.receive().view().text(), std::to_string(i));
}

TEST(Tls, AWrongAuthorityIsRefused) {
    const RedisServer server(serving(certificates().server()));
    EXPECT_THAT(lasting_error_of(server.url() + "?ssl_ca_certs=" + certificates().other_authority()),
                AllOf(testing::StartsWith("cannot connect to Redis at 127.0.0.1:"),
                      HasSubstr("authority that signed it is not trusted"), HasSubstr("ssl_ca_certs")));
    EXPECT_THAT(lasting_error_of(server.url()), HasSubstr("authority that signed it is not trusted"));
    EXPECT_EQ(ping(server.url() + "?ssl_cert_reqs=none"), "PONG");
}

TEST(Tls, ACertificateOfAnotherHostIsRefused) {
    const RedisServer server(serving(certificates().misnamed_server()));
    EXPECT_THAT(lasting_error_of(trusting(server)), HasSubstr("not for this host"));
    const std::string by_name =
        "rediss://localhost:" + std::to_string(server.port()) + "?ssl_ca_certs=" + certificates().authority();
    EXPECT_THAT(lasting_error_of(by_name), HasSubstr("not for this host"));
    EXPECT_EQ(ping(trusting(server) + "&ssl_check_hostname=false"), "PONG");
}

TEST(Tls, AnExpiredCertificateIsRefused) {
    const RedisServer server(serving(certificates().expired_server()));
    EXPECT_THAT(lasting_error_of(trusting(server)), HasSubstr("it has expired"));
}

TEST(Tls, TheServerMayWantACertificateOfTheClient) {
    const RedisServer server(serving(certificates().server(), true));
    EXPECT_EQ(ping(with_certificate(trusting(server), certificates().client())), "PONG");
    EXPECT_THAT(lasting_error_of(trusting(server)),
                AllOf(HasSubstr("wants a certificate of the client"), HasSubstr("ssl_certfile")));
    const servers::Certificate foreign{certificates().other_authority(), certificates().file("other.key")};
    EXPECT_THAT(lasting_error_of(with_certificate(trusting(server), foreign)),
                HasSubstr("does not know the authority that signed the client's certificate"));
}

TEST(Tls, FilesThatCannotBeUsedAreNamed) {
    const RedisServer server(serving(certificates().server()));
    EXPECT_THAT(lasting_error_of(server.url() + "?ssl_ca_certs=/nowhere/ca.pem"),
                AllOf(HasSubstr("ssl_ca_certs"), HasSubstr("/nowhere/ca.pem: No such file")));
    EXPECT_THAT(lasting_error_of(server.url() + "?ssl_ca_path=/nowhere"),
                AllOf(HasSubstr("ssl_ca_path"), HasSubstr("/nowhere: No such file")));
    EXPECT_THAT(lasting_error_of(trusting(server) + "&ssl_certfile=/nowhere/cert"),
                AllOf(HasSubstr("ssl_certfile"), HasSubstr("/nowhere/cert: No such file")));
    const servers::Certificate client = certificates().client();
    EXPECT_THAT(lasting_error_of(with_certificate(trusting(server), {client.certificate, "/nowhere/key"})),
                AllOf(HasSubstr("ssl_keyfile"), HasSubstr("/nowhere/key: No such file")));
    EXPECT_THAT(lasting_error_of(
                    with_certificate(trusting(server), {client.certificate, certificates().server().key})),
                AllOf(HasSubstr("ssl_keyfile"), HasSubstr("mismatch")));
    const std::string empty = certificates().file("empty");
    std::ofstream(empty).close();
    EXPECT_THAT(lasting_error_of(server.url() + "?ssl_ca_certs=" + empty), HasSubstr(empty + ": "));
}

TEST(Tls, AKeyMayHaveAPassword) {
    const RedisServer server(serving(certificates().server(), true));
    const std::string key = certificates().encrypted_client_key("hush");
    const std::string url = with_certificate(trusting(server), {certificates().client().certificate, key});
    EXPECT_EQ(ping(url + "&ssl_password=hush"), "PONG");
    for (const std::string& wrong : {std::string(), std::string("&ssl_password=wrong")})
        EXPECT_THAT(lasting_error_of(url + wrong),
                    AllOf(HasSubstr("ssl_keyfile"), HasSubstr(key), testing::Not(HasSubstr("wrong"))));
}

TEST(Tls, AServerWithoutTlsIsTold) {
    const RedisServer server;
    const std::string place = "127.0.0.1:" + std::to_string(server.port());
    EXPECT_THROW(ping("rediss://" + place + "?socket_connect_timeout=0.3"), BrokerError);
    const RedisServer with_tls(serving(certificates().server()));
    EXPECT_THROW(ping("redis://127.0.0.1:" + std::to_string(with_tls.port())), ConnectionLost);
}

TEST(Tls, TheHandshakeHasALimit) {
    const RedisServer server(serving(certificates().server()));
    servers::Proxy proxy(server.port());
    proxy.hold(true);
    const std::string url =
        "rediss://127.0.0.1:" + std::to_string(proxy.port()) + "?socket_connect_timeout=0.2";
    EXPECT_THAT(lasting_error_of(url), AllOf(HasSubstr("retriable"), HasSubstr("TLS handshake in time")));
}

TEST(Tls, SlowAndBrokenNetworksAreWithstood) {
    const RedisServer server(serving(certificates().server()));
    servers::Proxy proxy(server.port());
    proxy.drip(7, std::chrono::microseconds(20));
    ConnectOptions options = parse_connection_url(trusting(server));
    options.addresses.front().port = proxy.port();
    Connection connection(options);
    const std::string text(20'000, 'x');
    EXPECT_EQ(connection.call("echo", {"ECHO", text}).text(), text);
    proxy.heal();
    proxy.cut_after(servers::Proxy::Direction::to_client, 500);
    EXPECT_THROW(connection.call("echo", {"ECHO", text}), ConnectionLost);
}

TEST(Tls, WritingToAServerThatIsGoneRaisesNoSignal) {
    RedisServer server(serving(certificates().server()));
    Connection connection(parse_connection_url(trusting(server)));
    EXPECT_FALSE(connection.is_closed());
    server.kill();
    ASSERT_NE(std::signal(SIGPIPE, SIG_DFL), SIG_ERR);
    EXPECT_TRUE(connection.is_closed());
    const std::string text(1'000'000, 'x');
    EXPECT_THROW(
        {
            for (int i = 0; i < 3; ++i) {
                connection.commands().add({"ECHO", text});
                connection.send();
            }
        },
        ConnectionLost);
}

TEST(Tls, AWaitEndsByItsDeadlineAndByACall) {
    const RedisServer server(serving(certificates().server()));
    Connection connection(parse_connection_url(trusting(server)));
    const WakeUp wake_up;
    connection.commands().add({"BLPOP", "nothing", "0"});
    connection.send();
    EXPECT_EQ(connection.receive(in(milliseconds(20)), &wake_up), nullptr);
    wake_up.call();
    EXPECT_EQ(connection.receive(in(milliseconds(60'000)), &wake_up), nullptr);
    static_cast<void>(server.ask("RPUSH nothing 1"));
    EXPECT_EQ(connection.receive().view().size(), 2U);
}

}  // namespace

}  // namespace eventbus::redis
