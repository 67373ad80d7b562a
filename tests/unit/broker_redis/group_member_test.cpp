#include <chrono>
#include <memory>

#include "eventbus/broker/redis/redis_broker.hpp"
#include "server.hpp"

namespace eventbus::redis_streams {

namespace {

using std::chrono::milliseconds;

class GroupMemberTest : public OnServer {
  protected:
    void TearDown() override { ask({"CONFIG", "SET", "maxmemory", "0"}); }

    std::unique_ptr<Subscription> subscribe(const std::string& name = "") {
        RedisOptions options;
        options.url = server().url();
        options.lease = milliseconds(1000);
        // Nothing is claimed for its silence alone while a test runs.
        options.claim_after = std::chrono::hours(1);
        return make_redis_broker(options)->subscribe(
            {.topics = {topic_}, .group = group_, .reset = {}, .member = name});
    }

    std::vector<std::string> receive(Subscription& member, std::size_t count) {
        std::vector<std::string> ids;
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (ids.size() < count && std::chrono::steady_clock::now() < deadline) {
            for (const ReceivedEvent& event : member.poll(100, milliseconds(100))) {
                ids.push_back(event.position_text);
                const Receipt receipt{&topic_, event.position};
                member.acknowledge(std::span(&receipt, 1));
            }
        }
        return ids;
    }

    std::size_t consumers() {
        return ask({"XINFO", "CONSUMERS", topic_.str(), group_.str()}).elements.size();
    }
};

TEST_F(GroupMemberTest, ConsumesWhereThereIsNoRoomForMore) {
    add(1, 10);
    EXPECT_EQ(subscribe()->poll(4, milliseconds(1000)).size(), 4U);
    ask({"CONFIG", "SET", "maxmemory", "1"});
    EXPECT_EQ(receive(*subscribe(), 10).size(), 10U);
}

TEST_F(GroupMemberTest, TakesOverFromTheLastOwnerFirstAndForgetsIt) {
    add(1, 10);
    ask({"XGROUP", "CREATE", topic_.str(), group_.str(), "0"});
    ask({"XREADGROUP", "GROUP", group_.str(), "ghost", "COUNT", "4", "STREAMS", topic_.str(), ">"});
    ask({"RPUSH", "eventbus:past-owners:topic:group", "ghost"});
    const auto member = subscribe();
    const auto ids = receive(*member, 10);
    ASSERT_EQ(ids.size(), 10U);
    for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(ids[i], std::to_string(i + 1) + "-0");
    EXPECT_EQ(consumers(), 1U);
}

// An owner died before it had taken over all that the one before it had.
TEST_F(GroupMemberTest, TakesOverFromAllOwnersThatDiedOneAfterTheOther) {
    add(1, 10);
    ask({"XGROUP", "CREATE", topic_.str(), group_.str(), "0"});
    ask({"XREADGROUP", "GROUP", group_.str(), "first", "COUNT", "4", "STREAMS", topic_.str(), ">"});
    ask({"XCLAIM", topic_.str(), group_.str(), "second", "0", "1-0"});
    ask({"RPUSH", "eventbus:past-owners:topic:group", "second", "first"});
    const auto member = subscribe();
    const auto ids = receive(*member, 10);
    ASSERT_EQ(ids.size(), 10U);
    for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(ids[i], std::to_string(i + 1) + "-0");
    EXPECT_EQ(consumers(), 1U);
    EXPECT_EQ(ask({"LLEN", "eventbus:past-owners:topic:group"}).integer(), 1);
}

TEST_F(GroupMemberTest, LeavesWhatAPythonConsumerHasToIt) {
    add(1, 10);
    ask({"XGROUP", "CREATE", topic_.str(), group_.str(), "0"});
    ask({"XREADGROUP", "GROUP", group_.str(), "python", "COUNT", "4", "STREAMS", topic_.str(), ">"});
    const auto member = subscribe();
    EXPECT_EQ(receive(*member, 6).size(), 6U);
    EXPECT_TRUE(member->poll(100, milliseconds(200)).empty());
    EXPECT_EQ(consumers(), 2U);
}

TEST_F(GroupMemberTest, AMemberOfTheSameNameGoesOnWithWhatItHad) {
    add(1, 10);
    ask({"XGROUP", "CREATE", topic_.str(), group_.str(), "0"});
    ask({"XREADGROUP", "GROUP", group_.str(), "named", "COUNT", "4", "STREAMS", topic_.str(), ">"});
    const auto member = subscribe("named");
    const auto ids = receive(*member, 10);
    ASSERT_EQ(ids.size(), 10U);
    EXPECT_EQ(ids.front(), "1-0");
}

TEST_F(GroupMemberTest, OneThatLeavesInOrderLeavesNoConsumerBehind) {
    add(1, 10);
    static_cast<void>(receive(*subscribe(), 10));
    EXPECT_EQ(consumers(), 0U);
}

}  // namespace

}  // namespace eventbus::redis_streams
