#include <sstream>
#include <thread>

#include "eventbus/broker/redis/redis_broker.hpp"
#include "eventbus/event/error.hpp"
#include "server.hpp"

namespace eventbus::redis_streams {

namespace {

using std::chrono::milliseconds;

/// A publisher that waits for replicas.
class ReplicasTest : public OnServer {
  protected:
    ReplicasTest() : metadata_(EventMetadata{}) {
        metadata_.event_type = "org.openedx.test.v1";
        metadata_.id = Uuid::make_v1();
    }

    Delivery publish(milliseconds longest_wait) {
        RedisOptions options;
        options.url = server().url();
        options.replicas = 1;
        options.replicas_timeout = longest_wait;
        const auto publisher = make_redis_broker(std::move(options))->publisher();
        OutgoingEvent event;
        event.topic = &topic_;
        event.metadata = &metadata_;
        event.headers = &headers_;
        return publisher->publish(std::span(&event, 1)).front();
    }
    static std::string why(const Delivery& delivery) {
        try {
            if (delivery.failure) std::rethrow_exception(delivery.failure);
            return "stored";
        } catch (const BrokerError& error) {
            return error.what();
        }
    }
    /// Waits until a client waits for replicas.
    std::string waiting_client() {
        for (int i = 0; i < 1'000; ++i) {
            std::istringstream list(ask({"CLIENT", "LIST"}).text);
            for (std::string line; std::getline(list, line);)
                if (line.find("cmd=wait ") != std::string::npos) return line.substr(3, line.find(' ') - 3);
            std::this_thread::sleep_for(milliseconds(10));
        }
        return {};
    }

  private:
    EventMetadata metadata_;
    Headers headers_;
};

TEST_F(ReplicasTest, WhatAReplicaHasIsStored) {
    const servers::RedisServer replica;
    replica.replicate(server());
    EXPECT_EQ(why(publish(milliseconds(5'000))), "stored");
}

TEST_F(ReplicasTest, WhatNoReplicaHasInTimeIsNot) {
    const std::string said = why(publish(milliseconds(100)));
    EXPECT_NE(said.find("but not in 1 replicas: only 0 have it after 100 ms"), std::string::npos) << said;
    EXPECT_EQ(ask({"XLEN", topic_.str()}).integer(), 1);
}

TEST_F(ReplicasTest, NorIsWhatWasWaitedForWhenTheConnectionBroke) {
    std::jthread cutter([&] { ask({"CLIENT", "KILL", "ID", waiting_client()}); });
    const std::string said = why(publish(std::chrono::minutes(1)));
    EXPECT_NE(said.find("but not in 1 replicas"), std::string::npos) << said;
}

}  // namespace

}  // namespace eventbus::redis_streams
