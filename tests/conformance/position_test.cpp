#include <thread>

#include "fixture.hpp"

namespace eventbus::conformance {

namespace {

class PositionTest : public Conformance {};

TEST_F(PositionTest, AcknowledgedEventsAreFinished) {
    const TopicName topic = make_topic();
    publish(messages(topic, 10));
    {
        const Member first = subscribe(topic);
        acknowledge(*first, receive(*first, 10));
    }
    const Member second = subscribe(topic);
    EXPECT_TRUE(glimpse(*second).empty());
    EXPECT_EQ(group_lag(topic), 0U);
}

TEST_F(PositionTest, EventsThatWereNotAcknowledgedComeAgain) {
    const TopicName topic = make_topic();
    publish(messages(topic, 10));
    {
        const Member first = subscribe(topic);
        const Events events = receive(*first, 10);
        ASSERT_EQ(events.size(), 10U);
        acknowledge(*first, std::span(events).first(4));
    }
    EXPECT_EQ(texts(receive(*subscribe(topic), 6)), numbered("e", 6, 4));
}

TEST_F(PositionTest, NothingComesTwiceToALivingMember) {
    const TopicName topic = make_topic();
    publish(messages(topic, 10));
    const Member member = subscribe(topic);
    EXPECT_EQ(texts(receive(*member, 10)), numbered("e", 10));
    EXPECT_TRUE(glimpse(*member).empty());
}

TEST_F(PositionTest, NeverPassesAnUnfinishedEvent) {
    const TopicName topic = make_topic();
    publish(messages(topic, 6));
    {
        const Member first = subscribe(topic);
        const Events events = receive(*first, 6);
        ASSERT_EQ(events.size(), 6U);
        for (const std::size_t finished : {3U, 1U, 5U, 0U}) acknowledge(*first, events[finished]);
    }
    const Member second = subscribe(topic);
    const bool exact = backend().features.remembers_gaps;
    const Events again = receive(*second, exact ? 2 : 4);
    if (exact)
        EXPECT_EQ(texts(again), (std::vector<std::string>{"e2", "e4"}));
    else
        EXPECT_EQ(texts(again), numbered("e", 4, 2));
    acknowledge(*second, again);
    EXPECT_EQ(group_lag(topic), 0U);
}

TEST_F(PositionTest, IsTheFirstUnfinishedEvent) {
    if (!backend().features.numbers_events) GTEST_SKIP() << "events have ids, not numbers";
    const TopicName topic = make_topic();
    publish(messages(topic, 4));
    const Member member = subscribe(topic);
    const Events events = receive(*member, 4);
    ASSERT_EQ(events.size(), 4U);
    const auto position = [&] { return group_info(topic).partitions.at(0).position; };
    acknowledge(*member, events[2]);
    EXPECT_EQ(position(), (Offset{0, 0}));
    acknowledge(*member, events[0]);
    EXPECT_EQ(position(), (Offset{1, 0}));
    acknowledge(*member, events[1]);
    EXPECT_EQ(position(), (Offset{3, 0}));
    acknowledge(*member, events[3]);
    EXPECT_EQ(position(), (Offset{4, 0}));
}

TEST_F(PositionTest, AcknowledgingTwiceDoesNothing) {
    const TopicName topic = make_topic();
    publish(messages(topic, 3));
    {
        const Member member = subscribe(topic);
        const Events events = receive(*member, 3);
        ASSERT_EQ(events.size(), 3U);
        for (int i = 0; i < 3; ++i) acknowledge(*member, events[0]);
        member->acknowledge({});
    }
    EXPECT_EQ(texts(receive(*subscribe(topic), 2)), numbered("e", 2, 1));
}

TEST_F(PositionTest, AnotherThreadMayAcknowledge) {
    const TopicName topic = make_topic();
    publish(messages(topic, 100));
    {
        const Member member = subscribe(topic);
        const Events events = receive(*member, 100);
        ASSERT_EQ(events.size(), 100U);
        std::thread even([&] {
            for (std::size_t i = 0; i < events.size(); i += 2) acknowledge(*member, events[i]);
        });
        for (std::size_t i = 1; i < events.size(); i += 2) acknowledge(*member, events[i]);
        EXPECT_TRUE(glimpse(*member).empty());
        even.join();
    }
    EXPECT_EQ(group_lag(topic), 0U);
}

TEST_F(PositionTest, PrefetchBoundsWhatIsHandedOut) {
    const TopicName topic = make_topic("topic", 2);
    publish(messages(topic, 20));
    SubscribeOptions chosen = options(topic);
    chosen.prefetch = 3;
    const Member member = subscribe(chosen);
    const Events first = receive(*member, 3);
    ASSERT_EQ(first.size(), 3U);
    EXPECT_TRUE(glimpse(*member).empty());
    acknowledge(*member, first[0]);
    const Events next = receive(*member, 1);
    EXPECT_EQ(next.size(), 1U);
    EXPECT_TRUE(glimpse(*member).empty());
    acknowledge(*member, std::span(first).subspan(1));
    acknowledge(*member, next);
    std::size_t rest = 0;
    while (rest < 16) {
        const Events events = member->poll(1000, patience);
        ASSERT_FALSE(events.empty());
        EXPECT_LE(events.size(), 3U);
        rest += events.size();
        acknowledge(*member, events);
    }
    EXPECT_EQ(group_lag(topic), 0U);
}

TEST_F(PositionTest, PollGivesAtMostWhatIsAskedFor) {
    const TopicName topic = make_topic();
    publish(messages(topic, 10));
    const Member member = subscribe(topic);
    const Events one = member->poll(1, patience);
    EXPECT_EQ(texts(one), numbered("e", 1));
    const Events few = member->poll(4, patience);
    EXPECT_GE(few.size(), 1U);
    EXPECT_LE(few.size(), 4U);
}

TEST_F(PositionTest, ResetMovesTheGroup) {
    const TopicName topic = make_topic("topic", 2);
    publish(messages(topic, 10));
    {
        const Member first = subscribe(topic);
        acknowledge(*first, receive(*first, 10));
    }
    SubscribeOptions again = options(topic);
    again.reset = Earliest{};
    {
        const Member second = subscribe(again);
        EXPECT_EQ(sorted(texts(receive(*second, 10))), sorted(numbered("e", 10)));
    }
    SubscribeOptions skip = options(topic);
    skip.reset = Latest{};
    const Member third = subscribe(skip);
    EXPECT_TRUE(glimpse(*third).empty());
    publish({topic, "new"});
    EXPECT_EQ(texts(receive(*third, 1)), (std::vector<std::string>{"new"}));
}

TEST_F(PositionTest, ARunningMemberGoesOnFromWhereItsGroupIsMoved) {
    const TopicName topic = make_topic("topic", 2);
    publish(messages(topic, 10));
    const Member member = subscribe(topic);
    acknowledge(*member, receive(*member, 10));
    admin().move_group(topic, GroupName("group"), Earliest{});
    EXPECT_EQ(group_lag(topic), 10U);
    const Events again = receive(*member, 10);
    EXPECT_EQ(sorted(texts(again)), sorted(numbered("e", 10)));
    acknowledge(*member, again);
    EXPECT_EQ(group_lag(topic), 0U);

    publish(messages(topic, 5, "skipped"));
    admin().move_group(topic, GroupName("group"), Latest{});
    publish({topic, "new"});
    EXPECT_EQ(texts(receive(*member, 1)), (std::vector<std::string>{"new"}));
}

TEST_F(PositionTest, GroupsDoNotDisturbEachOther) {
    const TopicName topic = make_topic();
    publish(messages(topic, 5));
    const Member one = subscribe(topic, "one");
    const Member two = subscribe(topic, "two");
    acknowledge(*one, receive(*one, 5));
    EXPECT_EQ(group_lag(topic, "one"), 0U);
    EXPECT_EQ(group_lag(topic, "two"), 5U);
    EXPECT_EQ(texts(receive(*two, 5)), numbered("e", 5));
}

TEST_F(PositionTest, LagCountsWhatIsNotAcknowledged) {
    const TopicName topic = make_topic("topic", 2);
    const Member member = subscribe(topic);
    const auto lag = [&] {
        std::uint64_t events = 0;
        for (const PartitionLag& partition : member->lag()) events += partition.events;
        return events;
    };
    publish(messages(topic, 6));
    const Events events = receive(*member, 6);
    ASSERT_EQ(events.size(), 6U);
    EXPECT_EQ(lag(), 6U);
    acknowledge(*member, std::span(events).first(6));
    EXPECT_EQ(lag(), 0U);
    publish(messages(topic, 3));
    EXPECT_EQ(lag(), 3U);
}

TEST_F(PositionTest, PositionsOutliveTheConnection) {
    if (!backend().features.durable) GTEST_SKIP() << "nothing outlives the process";
    const TopicName topic = make_topic();
    publish(messages(topic, 10));
    {
        const Member member = subscribe(topic);
        const Events events = receive(*member, 10);
        ASSERT_EQ(events.size(), 10U);
        acknowledge(*member, std::span(events).first(7));
    }
    reconnect();
    EXPECT_EQ(texts(receive(*subscribe(topic), 3)), numbered("e", 3, 7));
}

}  // namespace

}  // namespace eventbus::conformance
