#include <algorithm>

#include "fixture.hpp"

namespace eventbus::conformance {

namespace {

class RestartTest : public Conformance {};

TEST_F(RestartTest, EventsOutliveTheConnection) {
    if (!backend().features.durable) GTEST_SKIP() << "nothing outlives the process";
    const TopicName topic = make_topic("topic", 3);
    std::vector<Message> sent;
    for (int i = 0; i < 30; ++i) {
        sent.push_back({topic, "e" + std::to_string(i), "key " + std::to_string(i % 5)});
        sent.back().headers = {{"number", std::to_string(i)}};
    }
    const auto positions = publish(sent);
    reconnect();
    const Events events = receive(*subscribe(topic), 30);
    ASSERT_EQ(events.size(), 30U);
    for (const ReceivedEvent& event : events) {
        const auto sent_at = std::ranges::find(positions, event.position);
        ASSERT_NE(sent_at, positions.end());
        const Message& message = sent[static_cast<std::size_t>(sent_at - positions.begin())];
        EXPECT_EQ(text(event), message.payload);
        EXPECT_EQ(event.key, message.key);
        EXPECT_EQ(event.headers, message.headers);
        EXPECT_EQ(event.metadata, message.metadata);
        expect_schema(event, message.schema);
    }
}

TEST_F(RestartTest, PositionsGoOnWhereTheyWere) {
    if (!backend().features.durable) GTEST_SKIP() << "nothing outlives the process";
    const TopicName topic = make_topic();
    const Position before = publish({topic, "before"});
    reconnect();
    const Position after = publish({topic, "after"});
    EXPECT_LT(before.offset, after.offset);
    EXPECT_EQ(texts(receive(*subscribe(topic), 2)), (std::vector<std::string>{"before", "after"}));
}

TEST_F(RestartTest, TopicsKeepTheirOptions) {
    if (!backend().features.durable) GTEST_SKIP() << "nothing outlives the process";
    if (!backend().features.retention_by_age || !backend().features.retention_by_bytes)
        GTEST_SKIP() << "topics have no options";
    const TopicName topic = make_topic("topic", 5, {std::chrono::hours(7), 1'000'000'000});
    reconnect();
    const auto info = admin().topic(topic);
    ASSERT_TRUE(info);
    EXPECT_EQ(info->partitions.size(), backend().features.partitions ? 5U : 1U);
    EXPECT_EQ(info->retention.age, std::chrono::hours(7));
    EXPECT_EQ(info->retention.bytes, 1'000'000'000U);
}

TEST_F(RestartTest, NoMemberOutlivesItsConnection) {
    if (!backend().features.durable) GTEST_SKIP() << "nothing outlives the process";
    const TopicName topic = make_topic("topic", 2);
    publish(messages(topic, 10));
    static_cast<void>(receive(*subscribe(topic), 10));
    reconnect();
    for (const auto& partition : group_info(topic).partitions) EXPECT_EQ(partition.owner, "");
    EXPECT_EQ(sorted(texts(receive(*subscribe(topic), 10))), sorted(numbered("e", 10)));
}

TEST_F(RestartTest, MembersAndPublishersOutliveTheServer) {
    if (!backend().features.server) GTEST_SKIP() << "there is no server";
    const TopicName topic = make_topic();
    const Member member = subscribe(topic);
    publish({topic, "before"});
    acknowledge(*member, receive(*member, 1));
    store().restart_server();
    publish({topic, "after"});
    EXPECT_EQ(texts(receive(*member, 1)), (std::vector<std::string>{"after"}));
}

}  // namespace

}  // namespace eventbus::conformance
