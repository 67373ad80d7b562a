#include "eventbus/broker/kafka/publisher.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <stdexcept>

#include "eventbus/event/error.hpp"
#include "exchange.hpp"

namespace eventbus::kafka_topics {
namespace {

/// A registry that takes connections and says nothing, until it is gone.
class SilentRegistry {
  public:
    SilentRegistry() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in place{};
        place.sin_family = AF_INET;
        place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof place;
        auto* const generic = reinterpret_cast<sockaddr*>(&place);
        if (::bind(socket_, generic, size) != 0 || ::listen(socket_, 8) != 0 ||
            ::getsockname(socket_, generic, &size) != 0)
            throw std::runtime_error("no socket for the registry");
        port_ = ntohs(place.sin_port);
    }
    SilentRegistry(const SilentRegistry&) = delete;
    SilentRegistry& operator=(const SilentRegistry&) = delete;
    ~SilentRegistry() { go(); }

    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    /// Until somebody asks it.
    [[nodiscard]] bool is_asked() const {
        constexpr int patience_ms = 30'000;
        pollfd watched{socket_, POLLIN, 0};
        return ::poll(&watched, 1, patience_ms) == 1;
    }
    [[nodiscard]] bool was_asked() const {
        pollfd watched{socket_, POLLIN, 0};
        return ::poll(&watched, 1, 0) == 1;
    }
    void go() {
        if (socket_ >= 0) ::close(socket_);
        socket_ = -1;
    }

  private:
    int socket_;
    std::uint16_t port_ = 0;
};

TEST(KafkaPublisherTest, ARegistryThatDoesNotAnswerHoldsUpNoOtherSend) {
    Exchange exchange;
    SilentRegistry registry;
    KafkaOptions given;
    given.bootstrap_servers = exchange.address();
    given.registry.urls = {registry.url()};
    given.registry.timeout = std::chrono::minutes(5);
    given.registry.tries = 1;
    KafkaPublisher publisher(std::make_shared<const Options>(given));

    const TopicName topic(Exchange::topic());
    const EventMetadata metadata;
    OutgoingEvent needs_nothing;
    needs_nothing.topic = &topic;
    needs_nothing.metadata = &metadata;
    OutgoingEvent needs_registry = needs_nothing;
    needs_registry.schema = R"("string")";

    auto held_up = std::async(std::launch::async, [&] {
        return publisher.publish(std::span(&needs_registry, 1)).front().failure != nullptr;
    });
    EXPECT_TRUE(registry.is_asked());
    auto other = std::async(std::launch::async, [&] {
        return publisher.publish(std::span(&needs_nothing, 1)).front().failure == nullptr;
    });
    const bool is_through = other.wait_for(std::chrono::seconds(20)) == std::future_status::ready;
    const bool still_waits = held_up.wait_for(std::chrono::seconds(0)) == std::future_status::timeout;
    registry.go();
    EXPECT_TRUE(is_through);
    EXPECT_TRUE(still_waits);
    EXPECT_TRUE(other.get());
    EXPECT_TRUE(held_up.get());
}

TEST(KafkaPublisherTest, NoSchemaIsRegisteredForATopicThatIsNotThere) {
    Exchange exchange;
    SilentRegistry registry;
    KafkaOptions given;
    given.bootstrap_servers = exchange.address();
    given.registry.urls = {registry.url()};
    given.registry.timeout = std::chrono::seconds(1);
    given.registry.tries = 1;
    KafkaPublisher publisher(std::make_shared<const Options>(given));

    const TopicName topic("misspelt");
    const EventMetadata metadata;
    OutgoingEvent event;
    event.topic = &topic;
    event.metadata = &metadata;
    event.schema = R"("string")";
    const auto deliveries = publisher.publish(std::span(&event, 1));
    EXPECT_THROW(std::rethrow_exception(deliveries.front().failure), NotFound);
    EXPECT_FALSE(registry.was_asked());
}

}  // namespace
}  // namespace eventbus::kafka_topics
