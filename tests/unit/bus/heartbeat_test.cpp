#include "eventbus/bus/heartbeat.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <thread>
#include <vector>

#include "child.hpp"
#include "eventbus/settings/settings.hpp"
#include "fixture.hpp"

namespace eventbus::bus_test {
namespace {

using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

/// A TCP socket of the test's.
class Tcp {
  public:
    Tcp() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        timeval limit{20, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    }
    Tcp(const Tcp&) = delete;
    Tcp& operator=(const Tcp&) = delete;
    ~Tcp() { ::close(socket_); }

    /// Holds a free port, which nobody listens on yet.
    std::uint16_t bind() const {
        sockaddr_in address = loopback(0);
        socklen_t size = sizeof(address);
        EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
        return ntohs(address.sin_port);
    }
    void listen() const { EXPECT_EQ(::listen(socket_, 1), 0); }
    [[nodiscard]] bool connect(std::uint16_t port) const {
        const sockaddr_in address = loopback(port);
        return ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
    }
    void send(std::string_view text) const {
        EXPECT_EQ(::send(socket_, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
    }
    /// Everything until the other side closes.
    [[nodiscard]] std::string rest() const {
        std::string all;
        char bytes[1024];
        for (ssize_t size = 0; (size = ::recv(socket_, bytes, sizeof(bytes), 0)) > 0;)
            all.append(bytes, static_cast<std::size_t>(size));
        return all;
    }

  private:
    int socket_;
};

std::uint16_t free_port() { return Tcp().bind(); }

std::string ask(std::uint16_t port, std::string_view request) {
    const Tcp client;
    if (!client.connect(port)) return "refused";
    client.send(request);
    return client.rest();
}

std::string get(std::uint16_t port, const std::string& path = "/healthz") {
    return ask(port, "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
}

class HeartbeatTest : public BusTest {
  protected:
    [[nodiscard]] std::string file() const { return directory_.file("heartbeat"); }
    [[nodiscard]] bool has_file() const { return std::filesystem::exists(file()); }
    [[nodiscard]] std::filesystem::file_time_type touched() const {
        return std::filesystem::last_write_time(file());
    }
    void make_old() const {
        std::filesystem::last_write_time(
            file(), std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
    }
    [[nodiscard]] bool is_old() const {
        return touched() < std::filesystem::file_time_type::clock::now() - std::chrono::minutes(30);
    }

    TemporaryDirectory directory_;
};

TEST_F(HeartbeatTest, DoesNothingWhenItIsNotAsked) {
    Heartbeat heartbeat({});
    heartbeat.beat();
    EXPECT_EQ(heartbeat.longest_pause(), std::nullopt);
    EXPECT_EQ(heartbeat.complaint(), std::nullopt);
}

TEST_F(HeartbeatTest, TellsHowLongTheLoopMayWait) {
    EXPECT_EQ(Heartbeat({.file = file()}).longest_pause(), milliseconds(5000));
    EXPECT_EQ(Heartbeat({.file = file(), .timeout = milliseconds(3000)}).longest_pause(), milliseconds(1000));
    EXPECT_EQ(Heartbeat({.port = free_port(), .address = "127.0.0.1"}).longest_pause(), milliseconds(5000));
}

TEST_F(HeartbeatTest, TheFileIsThereFromBeginningToEnd) {
    {
        const Heartbeat heartbeat({.file = file()});
        EXPECT_TRUE(has_file());
    }
    EXPECT_FALSE(has_file());
}

TEST_F(HeartbeatTest, TheFileIsTouchedAboutOnceASecond) {
    Heartbeat heartbeat({.file = file()});
    make_old();
    heartbeat.beat();
    EXPECT_TRUE(is_old());
    EXPECT_TRUE(wait_until([&] {
        heartbeat.beat();
        return !is_old();
    }));
}

TEST_F(HeartbeatTest, TheFileGrowsOldWithoutBeats) {
    const Heartbeat heartbeat({.file = file()});
    make_old();
    std::this_thread::sleep_for(milliseconds(1200));
    EXPECT_TRUE(is_old());
}

TEST_F(HeartbeatTest, TakesAFileOverThatAnEarlierConsumerLeft) {
    std::ofstream(file()) << "kept";
    make_old();
    const Heartbeat heartbeat({.file = file()});
    EXPECT_FALSE(is_old());
    EXPECT_EQ(std::filesystem::file_size(file()), 4U);
}

TEST_F(HeartbeatTest, AFileThatCannotBeMadeIsAnErrorAtTheStart) {
    EXPECT_THAT(
        message_of<SettingsError>([&] { const Heartbeat heartbeat({.file = directory_.file("no/where")}); }),
        AllOf(HasSubstr("EVENT_BUS_CONSUMER_HEARTBEAT_FILE"), HasSubstr("no/where")));
}

TEST_F(HeartbeatTest, AFileThatCannotBeTouchedLaterIsLoggedOnce) {
    const std::string place = directory_.file("place");
    std::filesystem::create_directory(place);
    Heartbeat heartbeat({.file = place + "/heartbeat", .log = log_.sink()});
    std::filesystem::remove_all(place);
    EXPECT_TRUE(wait_until([&] {
        heartbeat.beat();
        return !log_.lines().empty();
    }));
    const auto until = std::chrono::steady_clock::now() + milliseconds(1500);
    while (std::chrono::steady_clock::now() < until) {
        heartbeat.beat();
        std::this_thread::sleep_for(milliseconds(10));
    }
    EXPECT_EQ(log_.lines().size(), 1U);
    EXPECT_THAT(log_.text(), AllOf(HasSubstr("place/heartbeat"), HasSubstr("looks as if it hung")));
    std::filesystem::create_directory(place);
    EXPECT_TRUE(wait_until([&] {
        heartbeat.beat();
        return std::filesystem::exists(place + "/heartbeat");
    }));
}

TEST_F(HeartbeatTest, ThePortAnswers) {
    const std::uint16_t port = free_port();
    {
        const Heartbeat heartbeat({.port = port, .address = "127.0.0.1"});
        for (const std::string path : {"/healthz", "/", "/healthz?verbose=1"})
            EXPECT_THAT(get(port, path), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("\r\n\r\nok\n")));
        EXPECT_THAT(get(port, "/metrics"), StartsWith("HTTP/1.1 404 "));
    }
    EXPECT_EQ(get(port), "refused");
}

TEST_F(HeartbeatTest, ThePortTellsThatTheLoopHangsAndThatItGoesOn) {
    const std::uint16_t port = free_port();
    Heartbeat heartbeat({.port = port, .address = "127.0.0.1", .timeout = milliseconds(50)});
    EXPECT_TRUE(wait_until([&] { return get(port).starts_with("HTTP/1.1 503 Service Unavailable\r\n"); }));
    EXPECT_THAT(get(port), HasSubstr("no sign of life"));
    EXPECT_NE(heartbeat.complaint(), std::nullopt);
    EXPECT_TRUE(wait_until([&] {
        heartbeat.beat();
        return get(port).starts_with("HTTP/1.1 200 ");
    }));
}

TEST_F(HeartbeatTest, ThePortBearsWhatIsNoRequest) {
    const std::uint16_t port = free_port();
    const Heartbeat heartbeat({.port = port, .address = "127.0.0.1"});
    for (const std::string request : {"\r\n\r\n", "GET\r\n\r\n", "GET /\r\n\r\n", "GET  HTTP/1.1\r\n\r\n",
                                      "GET / SPDY/3\r\n\r\n", "GET healthz HTTP/1.1\r\n\r\n"})
        EXPECT_THAT(ask(port, request), StartsWith("HTTP/1.1 400 ")) << request;
    EXPECT_THAT(ask(port, "GET /" + std::string(4091, 'x')), StartsWith("HTTP/1.1 400 "));
    EXPECT_THAT(ask(port, "POST / HTTP/1.1\r\n\r\n"),
                AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("Allow: GET")));
    const std::string head = ask(port, "HEAD / HTTP/1.0\r\n\r\n");
    EXPECT_THAT(head, AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("Content-Length: 3\r\n")));
    EXPECT_TRUE(head.ends_with("\r\n\r\n"));
    EXPECT_THAT(ask(port, "GET / HTTP/1.1\n\n"), StartsWith("HTTP/1.1 200 "));
    EXPECT_THAT(get(port), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HeartbeatTest, ARequestMayComeInPieces) {
    const std::uint16_t port = free_port();
    const Heartbeat heartbeat({.port = port, .address = "127.0.0.1"});
    const Tcp client;
    ASSERT_TRUE(client.connect(port));
    for (const char* piece : {"GE", "T /healthz HT", "TP/1.1\r\n", "\r\n"}) {
        client.send(piece);
        std::this_thread::sleep_for(milliseconds(20));
    }
    EXPECT_THAT(client.rest(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HeartbeatTest, VisitorsThatSayNothingDoNotKeepOthersOut) {
    const std::uint16_t port = free_port();
    const Heartbeat heartbeat({.port = port, .address = "127.0.0.1"});
    std::vector<std::unique_ptr<Tcp>> silent;
    for (int i = 0; i < 40; ++i) {
        silent.push_back(std::make_unique<Tcp>());
        ASSERT_TRUE(silent.back()->connect(port));
        silent.back()->send("GET ");
    }
    EXPECT_THAT(get(port), StartsWith("HTTP/1.1 200 "));
    EXPECT_EQ(silent.front()->rest(), "");
    EXPECT_EQ(silent.back()->rest(), "");
}

TEST_F(HeartbeatTest, APortInUseIsAnErrorAtTheStart) {
    const Tcp other;
    const std::uint16_t port = other.bind();
    other.listen();
    EXPECT_THAT(message_of<SettingsError>([&] { const Heartbeat heartbeat({.port = port}); }),
                AllOf(HasSubstr("EVENT_BUS_CONSUMER_HEALTH_PORT = " + std::to_string(port)),
                      HasSubstr("choose another port")));
}

TEST_F(HeartbeatTest, AnAddressThatIsNoneIsAnErrorAtTheStart) {
    for (const std::string address : {"localhost", "300.1.1.1", "x"})
        EXPECT_THAT(message_of<SettingsError>(
                        [&] { const Heartbeat heartbeat({.port = free_port(), .address = address}); }),
                    AllOf(HasSubstr("EVENT_BUS_CONSUMER_HEALTH_ADDRESS"), HasSubstr(address)));
    EXPECT_THAT(message_of<SettingsError>(
                    [&] { const Heartbeat heartbeat({.port = free_port(), .address = "192.0.2.1"}); }),
                HasSubstr("cannot listen on 192.0.2.1"));
}

TEST_F(HeartbeatTest, AChildKeepsNeitherPortNorFile) {
    const std::uint16_t port = free_port();
    auto heartbeat =
        std::make_unique<Heartbeat>(HeartbeatOptions{.file = file(), .port = port, .address = "127.0.0.1"});
    Child child([&] {
        heartbeat.reset();
        std::this_thread::sleep_for(std::chrono::minutes(1));
    });
    std::this_thread::sleep_for(milliseconds(50));
    EXPECT_THAT(get(port), StartsWith("HTTP/1.1 200 "));
    EXPECT_TRUE(has_file());
    heartbeat.reset();
    EXPECT_NO_THROW(Heartbeat({.port = port, .address = "127.0.0.1"}));
    child.kill();
}

TEST_F(HeartbeatTest, IsAsTheSettingsSay) {
    const HeartbeatOptions none = heartbeat_options({}, {});
    EXPECT_TRUE(none.file.empty());
    EXPECT_EQ(none.port, 0);
    EXPECT_EQ(none.address, "0.0.0.0");
    EXPECT_EQ(none.timeout, milliseconds(60'000));
    const HeartbeatOptions all =
        heartbeat_options(Settings().with({{"EVENT_BUS_CONSUMER_HEARTBEAT_FILE", "/run/x"},
                                           {"EVENT_BUS_CONSUMER_HEALTH_PORT", "65535"},
                                           {"EVENT_BUS_CONSUMER_HEALTH_ADDRESS", "::1"},
                                           {"EVENT_BUS_CONSUMER_HEARTBEAT_TIMEOUT", "1.5"}}),
                          {});
    EXPECT_EQ(all.file, "/run/x");
    EXPECT_EQ(all.port, 65535);
    EXPECT_EQ(all.address, "::1");
    EXPECT_EQ(all.timeout, milliseconds(1500));
}

}  // namespace
}  // namespace eventbus::bus_test
