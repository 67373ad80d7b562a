#include "eventbus/redis/connection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <thread>

#include "eventbus/redis/server_error.hpp"
#include "tests/servers/proxy.hpp"
#include "tests/servers/redis_server.hpp"

namespace eventbus::redis {

namespace {

using servers::Proxy;
using servers::RedisServer;
using std::chrono::milliseconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

ConnectOptions to(const RedisServer& server) { return parse_connection_url(server.url()); }

ConnectOptions through(const Proxy& proxy) {
    return parse_connection_url("redis://127.0.0.1:" + std::to_string(proxy.port()) +
                                "?socket_connect_timeout=0.3&socket_timeout=0.3");
}

std::string ping(const std::string& url) {
    Connection connection(parse_connection_url(url));
    return std::string(connection.call("ping", {"PING"}).text());
}

/// With whether it may pass in front.
std::string error_of(const std::string& url) {
    try {
        return "no error but " + ping(url);
    } catch (const BrokerError& error) {
        return (error.retriable() ? "passes: " : "lasts: ") + std::string(error.what());
    }
}

TEST(Connection, PipelinesCommandsAndKeepsTheirOrder) {
    const RedisServer server;
    Connection connection(to(server));
    constexpr int commands = 10'000;
    for (int i = 0; i < commands; ++i) connection.commands().add({"INCR", "number"});
    connection.send();
    EXPECT_EQ(connection.owed(), static_cast<std::size_t>(commands));
    for (int i = 1; i <= commands; ++i) ASSERT_EQ(connection.receive().view().integer(), i);
    EXPECT_EQ(connection.owed(), 0U);
}

TEST(Connection, CarriesAnyBytes) {
    const RedisServer server;
    Connection connection(to(server));
    std::string bytes(70'000, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i);
    EXPECT_EQ(connection.call("echo", {"ECHO", bytes}).text(), bytes);
    EXPECT_EQ(connection.call("echo", {"ECHO", ""}).text(), "");
}

TEST(Connection, LeadsToAUnixSocketAndADatabase) {
    const RedisServer server;
    Connection connection(parse_connection_url("unix://" + server.unix_socket() + "?db=3&client_name=me"));
    EXPECT_THAT(std::string(connection.call("info", {"CLIENT", "INFO"}).text()),
                AllOf(HasSubstr(" db=3 "), HasSubstr(" name=me ")));
}

TEST(Connection, FindsAServerByItsName) {
    const RedisServer server;
    EXPECT_EQ(ping("redis://localhost:" + std::to_string(server.port()) + "/2"), "PONG");
}

TEST(Connection, LogsInByPassword) {
    const RedisServer server({.arguments = {"--requirepass", "hush/hush"}});
    const std::string place = "@127.0.0.1:" + std::to_string(server.port());
    EXPECT_EQ(ping("redis://:hush%2Fhush" + place), "PONG");
    EXPECT_EQ(ping("redis://default:hush%2Fhush" + place), "PONG");
    EXPECT_EQ(ping("unix://:hush%2Fhush@" + server.unix_socket()), "PONG");
    EXPECT_THAT(error_of("redis://:hush" + place),
                AllOf(HasSubstr("lasts: cannot log in to Redis at 127.0.0.1:"), HasSubstr("WRONGPASS"),
                      HasSubstr("EVENT_BUS_REDIS_CONNECTION_URL"), Not(HasSubstr("hush"))));
    EXPECT_THAT(error_of(server.url()), AllOf(HasSubstr("lasts: "), HasSubstr("wants a password")));
    EXPECT_THAT(error_of(server.url() + "?db=1"), HasSubstr("wants a password"));
}

TEST(Connection, APasswordThatIsNotWantedIsAnError) {
    const RedisServer server;
    EXPECT_THAT(error_of("redis://:hush@127.0.0.1:" + std::to_string(server.port())),
                AllOf(HasSubstr("lasts: "), HasSubstr("has no password"), Not(HasSubstr("hush"))));
}

TEST(Connection, LogsInAsAUserWhoNeedsNoMoreThanHeUses) {
    const RedisServer server({.arguments = {"--user", "worker", "on", ">hush", "~events*", "+xadd"}});
    const std::string url = "redis://worker:hush@127.0.0.1:" + std::to_string(server.port());
    Connection connection(parse_connection_url(url));
    connection.call("cannot store", {"XADD", "events", "*", "a", "b"});
    const auto error = [&connection](std::initializer_list<std::string_view> words) {
        try {
            connection.call("cannot do it", words);
            return std::string("no error");
        } catch (const ServerError& refused) {
            EXPECT_EQ(refused.code(), "NOPERM");
            EXPECT_FALSE(refused.retriable());
            return std::string(refused.what());
        }
    };
    EXPECT_THAT(error({"XLEN", "events"}), AllOf(HasSubstr("cannot do it: the user lacks a right"),
                                                 HasSubstr("xlen"), Not(HasSubstr("hush"))));
    EXPECT_THAT(error({"XADD", "other", "*", "a", "b"}), HasSubstr("key"));
    EXPECT_THAT(error_of("redis://nobody:hush@127.0.0.1:" + std::to_string(server.port())),
                AllOf(HasSubstr("WRONGPASS"), Not(HasSubstr("hush"))));
}

TEST(Connection, AServerThatRepeatsThePasswordIsNotRepeated) {
    const RedisServer server({.arguments = {"--rename-command", "AUTH", ""}});
    EXPECT_THAT(error_of("redis://me:hush@127.0.0.1:" + std::to_string(server.port())),
                AllOf(HasSubstr("lasts: "), HasSubstr("does not know a command"), Not(HasSubstr("hush"))));
}

TEST(Connection, ADatabaseThatIsNotThereIsAnError) {
    const RedisServer server;
    EXPECT_THAT(error_of(server.url() + "?db=99"),
                AllOf(HasSubstr("lasts: "), HasSubstr("no database of this")));
}

TEST(Connection, AServerThatTakesNoMoreClientsSaysSo) {
    const RedisServer server;
    const Connection first(to(server));
    static_cast<void>(server.ask("CONFIG SET maxclients 1"));
    EXPECT_THAT(error_of(server.url()), AllOf(HasSubstr("passes: "), HasSubstr("no more clients")));
}

TEST(Connection, AServerThatIsStillLoadingPasses) {
    RedisServer server({.arguments = {"--loading-process-events-interval-bytes", "1024"}});
    for (int i = 0; i < 50; ++i)
        static_cast<void>(server.ask("SETRANGE key:" + std::to_string(i) + " 5000 x"));
    ASSERT_THAT(server.ask("SAVE"), testing::StartsWith("+OK"));
    server.kill();
    server.launch({"--key-load-delay", "20000"});
    std::string error = "no error";
    for (const Deadline deadline = in(milliseconds(10'000));
         error.find("LOADING") == std::string::npos && std::chrono::steady_clock::now() < deadline;)
        error = error_of(server.url());
    EXPECT_THAT(error, AllOf(HasSubstr("passes: "), HasSubstr("still loading")));
}

TEST(Connection, ErrorsNameThePlace) {
    const std::uint16_t port = servers::free_port();
    const std::string place = "127.0.0.1:" + std::to_string(port);
    EXPECT_THAT(error_of("redis://:hush@" + place),
                AllOf(HasSubstr("passes: cannot connect to Redis at " + place), HasSubstr("refused"),
                      Not(HasSubstr("hush"))));
    EXPECT_THAT(error_of("unix:///nowhere/socket"), HasSubstr("unix:///nowhere/socket: No such file"));
    EXPECT_THAT(error_of("redis://no-such-host.invalid"), HasSubstr("no-such-host.invalid:6379: "));
    EXPECT_THAT(error_of("unix:///" + std::string(200, 'x')), HasSubstr("too long"));
}

TEST(Connection, HasALimitToConnectAndToAnswer) {
    const RedisServer server;
    Proxy proxy(server.port());
    Connection connection(through(proxy));
    proxy.hold(true);
    EXPECT_THROW(connection.call("ping", {"PING"}), ConnectionLost);
    EXPECT_THROW(Connection{through(proxy)}, ConnectionLost);
}

TEST(Connection, ALargeReplyOnASlowNetworkIsNotCutOff) {
    const RedisServer server;
    Proxy proxy(server.port());
    Connection connection(through(proxy));
    proxy.drip(1'000, std::chrono::milliseconds(10));
    const std::string text(100'000, 'x');
    connection.commands().add({"SET", "key", text});
    connection.commands().add({"GET", "key"});
    connection.send();
    EXPECT_EQ(connection.receive(milliseconds(60'000)).view().text(), "OK");
    EXPECT_EQ(connection.receive().view().text(), text);
}

TEST(Connection, RepliesArriveWholeHoweverTheyAreCut) {
    const RedisServer server;
    Proxy proxy(server.port());
    Connection connection(through(proxy));
    proxy.drip(1, std::chrono::microseconds(50));
    connection.call("cannot store", {"XADD", "events", "1-1", "a", "b", "c", ""});
    const ReplyView entry = connection.call("cannot read", {"XRANGE", "events", "-", "+"})[0];
    EXPECT_EQ(entry[0].text(), "1-1");
    EXPECT_EQ(entry[1].value("a").text(), "b");
    EXPECT_EQ(entry[1].value("c").text(), "");
}

TEST(Connection, AnEndIsNoticed) {
    RedisServer server;
    Connection connection(to(server));
    EXPECT_FALSE(connection.is_closed());
    server.stop();
    EXPECT_TRUE(connection.is_closed());
    EXPECT_THROW(connection.call("ping", {"PING"}), ConnectionLost);
}

TEST(Connection, AWaitEndsByItsDeadlineAndByACall) {
    const RedisServer server;
    Connection connection(to(server));
    const WakeUp wake_up;
    connection.commands().add({"BLPOP", "nothing", "0"});
    connection.send();
    EXPECT_EQ(connection.receive(in(milliseconds(10)), &wake_up), nullptr);
    std::thread caller([&wake_up] {
        std::this_thread::sleep_for(milliseconds(20));
        wake_up.call();
    });
    EXPECT_EQ(connection.receive(in(milliseconds(60'000)), &wake_up), nullptr);
    caller.join();
    EXPECT_EQ(connection.receive(in(milliseconds(60'000)), &wake_up), nullptr);
    wake_up.clear();
    static_cast<void>(server.ask("RPUSH nothing 1"));
    const Reply* reply = connection.receive(in(milliseconds(60'000)), &wake_up);
    ASSERT_NE(reply, nullptr);
    EXPECT_EQ(reply->view()[1].text(), "1");
}

TEST(Connection, ErrorRepliesBecomeErrorsOfTheirKind) {
    const RedisServer server({.arguments = {"--maxmemory", "1mb"}});
    Connection connection(to(server));
    EXPECT_THROW(connection.call("cannot store", {"XADD", "events", "*", "a", std::string(100'000, 'x')}),
                 StorageFull);
    const RedisServer replica({.arguments = {"--replicaof", "127.0.0.1 1"}});
    Connection reading(to(replica));
    try {
        reading.call("cannot store an event in the stream events", {"XADD", "events", "*", "a", "b"});
        FAIL() << "no error";
    } catch (const ServerError& error) {
        EXPECT_EQ(error.code(), "READONLY");
        EXPECT_TRUE(error.retriable());
        EXPECT_THAT(error.what(),
                    HasSubstr("cannot store an event in the stream events: the server is a replica"));
    }
}

}  // namespace

}  // namespace eventbus::redis
