#include "eventbus/command/health_check.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "eventbus/event/error.hpp"

namespace eventbus {
namespace {

using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Optional;

/// Lets one visitor in, and answers what it is told to.
class Server {
  public:
    explicit Server(std::string answer) : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
            ::listen(listener_, 1) != 0 ||
            ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
            throw std::runtime_error("cannot listen");
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this, text = std::move(answer)] {
            const int visitor = ::accept(listener_, nullptr, nullptr);
            char request[1024];
            if (!text.empty() && ::recv(visitor, request, sizeof(request), 0) > 0)
                static_cast<void>(::send(visitor, text.data(), text.size(), MSG_NOSIGNAL));
            while (text.empty() && ::recv(visitor, request, sizeof(request), 0) > 0) continue;
            ::close(visitor);
        });
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server() {
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }
    [[nodiscard]] std::uint16_t port() const { return port_; }

  private:
    int listener_;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

std::optional<std::string> complaint_at(const Server& server, milliseconds limit = milliseconds(20'000)) {
    return complaint_of_port("127.0.0.1", server.port(), limit);
}

TEST(HealthCheck, OfAFileGoesByItsAge) {
    std::string directory = (std::filesystem::temp_directory_path() / "eventbus-health-XXXXXX").string();
    ASSERT_NE(::mkdtemp(directory.data()), nullptr);
    const std::string file = directory + "/alive";
    EXPECT_THAT(complaint_of_file(file, milliseconds(1000)),
                Optional(AllOf(HasSubstr(file), HasSubstr("No such"))));
    std::ofstream(file).close();
    EXPECT_EQ(complaint_of_file(file, milliseconds(60'000)), std::nullopt);
    for (const auto by : {std::chrono::seconds(-100), std::chrono::seconds(100)}) {
        std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now() + by);
        EXPECT_THAT(complaint_of_file(file, milliseconds(60'000)), Optional(HasSubstr("not touched for")));
        EXPECT_EQ(complaint_of_file(file, milliseconds(200'000)), std::nullopt);
    }
    std::filesystem::remove_all(directory);
}

TEST(HealthCheck, OfAPortGoesByItsAnswer) {
    EXPECT_EQ(complaint_at(Server("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n")), std::nullopt);
    EXPECT_THAT(complaint_at(Server("HTTP/1.1 503 Service Unavailable\r\n\r\nno sign of life\n")),
                Optional(HasSubstr("answers: \"no sign of life\"")));
    EXPECT_THAT(complaint_at(Server("SSH-2.0-OpenSSH\r\n")), Optional(HasSubstr("SSH-2.0")));
    EXPECT_THAT(complaint_at(Server(std::string(100'000, 'x'))), Optional(HasSubstr("answers")));
}

TEST(HealthCheck, OfAPortWaitsNoLongerThanItMay) {
    EXPECT_THAT(complaint_at(Server(""), milliseconds(50)), Optional(HasSubstr("does not answer")));
}

TEST(HealthCheck, OfAPortWhereNobodyListens) {
    std::uint16_t port = 0;
    {
        const Server server("HTTP/1.1 200 OK\r\n\r\n");
        port = server.port();
    }
    EXPECT_THAT(complaint_of_port("127.0.0.1", port, milliseconds(20'000)),
                Optional(HasSubstr("cannot connect")));
    EXPECT_THROW(static_cast<void>(complaint_of_port("localhost", port, milliseconds(1))), InvalidValue);
}

}  // namespace
}  // namespace eventbus
