#include <thread>

#include "fixture.hpp"

namespace eventbus::conformance {

namespace {

class StartTest : public Conformance {
  protected:
    /// Five old events, a time, five new ones.
    Timestamp old_and_new(const TopicName& topic) {
        return publish_apart(messages(topic, 5, "old"), messages(topic, 5, "new"));
    }

    std::vector<std::string> all_from(const TopicName& topic, const StartAt& start, std::size_t count) {
        const Member member = subscribe(topic, "group " + std::to_string(++groups_), start);
        const Events events = receive(*member, count);
        EXPECT_TRUE(glimpse(*member).empty()) << "more than expected";
        return sorted(texts(events));
    }

  private:
    int groups_ = 0;
};

TEST_F(StartTest, AtTheEarliestEvent) {
    const TopicName topic = make_topic("topic", 3);
    publish(messages(topic, 10));
    EXPECT_EQ(all_from(topic, Earliest{}, 10), sorted(numbered("e", 10)));
}

TEST_F(StartTest, AtTheLatestEvent) {
    const TopicName topic = make_topic("topic", 3);
    publish(messages(topic, 10, "old"));
    const Member member = subscribe(topic, "group", Latest{});
    publish(messages(topic, 10, "new"));
    EXPECT_EQ(sorted(texts(receive(*member, 10))), sorted(numbered("new", 10)));
    EXPECT_TRUE(glimpse(*member).empty());
}

TEST_F(StartTest, AtATime) {
    const TopicName topic = make_topic("topic", 3);
    const Timestamp between = old_and_new(topic);
    EXPECT_EQ(all_from(topic, AtTime{between}, 5), sorted(numbered("new", 5)));
}

TEST_F(StartTest, AtATimeBeforeAllEvents) {
    const TopicName topic = make_topic("topic", 3);
    publish(messages(topic, 10));
    EXPECT_EQ(all_from(topic, AtTime{now() - std::chrono::hours(24)}, 10), sorted(numbered("e", 10)));
    EXPECT_EQ(all_from(topic, AtTime{parse_iso8601("0001-01-01")}, 10), sorted(numbered("e", 10)));
}

TEST_F(StartTest, AtATimeAfterAllEvents) {
    const TopicName topic = make_topic("topic", 3);
    publish(messages(topic, 10));
    const Member member = subscribe(topic, "group", AtTime{now() + std::chrono::hours(24)});
    EXPECT_TRUE(glimpse(*member).empty());
    publish({topic, "next"});
    EXPECT_EQ(texts(receive(*member, 1)), (std::vector<std::string>{"next"}));
}

TEST_F(StartTest, AtAnyEventsOwnTime) {
    const TopicName topic = make_topic();
    for (int i = 0; i < 10; ++i) {
        publish({topic, "e" + std::to_string(i)});
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    const Events events = receive(*subscribe(topic, "reader"), 10);
    ASSERT_EQ(events.size(), 10U);
    for (std::size_t i = 0; i < 10; ++i)
        EXPECT_EQ(all_from(topic, AtTime{events[i].stored_at}, 10 - i), sorted(numbered("e", 10 - i, i)));
}

TEST_F(StartTest, AfterAnId) {
    const TopicName topic = make_topic();
    publish(messages(topic, 10));
    const Events events = receive(*subscribe(topic, "reader"), 10);
    ASSERT_EQ(events.size(), 10U);
    for (const std::size_t i : {0U, 5U, 8U})
        EXPECT_EQ(all_from(topic, AfterId{id_of(events[i], 1)}, 9 - i), sorted(numbered("e", 9 - i, i + 1)));
}

TEST_F(StartTest, AfterTheNewestIdWaitsForWhatComes) {
    const TopicName topic = make_topic();
    publish(messages(topic, 3));
    const Events events = receive(*subscribe(topic, "reader"), 3);
    ASSERT_EQ(events.size(), 3U);
    const Member member = subscribe(topic, "group", AfterId{id_of(events[2], 1)});
    EXPECT_TRUE(glimpse(*member).empty());
    publish({topic, "next"});
    EXPECT_EQ(texts(receive(*member, 1)), (std::vector<std::string>{"next"}));
}

TEST_F(StartTest, AfterAnIdThatIsStillToComeMissesNothing) {
    if (!backend().features.numbers_events) GTEST_SKIP() << "events have ids, not numbers";
    const TopicName topic = make_topic();
    publish(messages(topic, 3));
    const Member member = subscribe(topic, "group", AfterId{"1000"});
    EXPECT_TRUE(glimpse(*member).empty());
    publish({topic, "next"});
    EXPECT_EQ(texts(receive(*member, 1)), (std::vector<std::string>{"next"}));
}

TEST_F(StartTest, AfterIdsOfSomePartitionsLeavesTheOthers) {
    if (!backend().features.partitions) GTEST_SKIP() << "there is one partition";
    const TopicName topic = make_topic("topic", 3);
    publish(messages(topic, 30));
    const Events events = receive(*subscribe(topic, "reader"), 30);
    ASSERT_EQ(events.size(), 30U);
    std::vector<std::string> expected;
    std::string ids;
    for (const Partition partition : {Partition{0}, Partition{2}}) {
        std::vector<const ReceivedEvent*> of_partition;
        for (const ReceivedEvent& event : events)
            if (event.position.partition == partition) of_partition.push_back(&event);
        ASSERT_GE(of_partition.size(), 2U);
        const std::size_t middle = of_partition.size() / 2;
        ids += (ids.empty() ? "" : ",") + id_of(*of_partition[middle], 3);
        for (std::size_t i = middle + 1; i < of_partition.size(); ++i)
            expected.push_back(text(*of_partition[i]));
    }
    for (const ReceivedEvent& event : events)
        if (event.position.partition == Partition{1}) expected.push_back(text(event));
    EXPECT_EQ(all_from(topic, AfterId{ids}, expected.size()), sorted(expected));
}

TEST_F(StartTest, RefusesAnIdThatIsNone) {
    const TopicName topic = make_topic();
    publish({topic, "event"});
    for (const std::string id : {"", "x", "-1", "1:2:3", "1 ", "7:0", "99999999999999999999999"}) {
        EXPECT_THROW(static_cast<void>(subscribe(topic, "group", AfterId{id})), InvalidValue) << id;
        EXPECT_THROW(admin().move_group(topic, GroupName("group"), AfterId{id}), InvalidValue) << id;
    }
    EXPECT_TRUE(admin().groups(topic).empty()) << "a refused start leaves a group behind";
}

TEST_F(StartTest, RefusesAnIdAtTheFirstPollOfALaterTopic) {
    const TopicName topic("later");
    const auto wait_for_topic = [&] {
        const Member member = subscribe(topic, "group", AfterId{"none"});
        publish({topic, "event"});
        static_cast<void>(receive(*member, 1));
    };
    EXPECT_THROW(wait_for_topic(), InvalidValue);
}

TEST_F(StartTest, AGroupThatHasAPositionKeepsIt) {
    const TopicName topic = make_topic("topic", 2);
    publish(messages(topic, 10));
    {
        const Member member = subscribe(topic);
        acknowledge(*member, receive(*member, 10));
    }
    publish(messages(topic, 4, "new"));
    const std::vector<StartAt> starts{Earliest{}, Latest{}, AtTime{now() + std::chrono::hours(1)}};
    for (const StartAt& start : starts) {
        const Member member = subscribe(topic, "group", start);
        EXPECT_EQ(sorted(texts(receive(*member, 4))), numbered("new", 4));
    }
}

TEST_F(StartTest, WaitsForATopicThatIsNotThere) {
    const TopicName topic("later");
    const Member member = subscribe(topic, "group", Earliest{});
    EXPECT_TRUE(glimpse(*member).empty());
    publish(messages(topic, 3, "e", "key"));
    EXPECT_EQ(texts(receive(*member, 3)), numbered("e", 3));
}

TEST_F(StartTest, LatestOfATopicThatIsNotThereIsItsFirstEvent) {
    const TopicName topic("later");
    const Member member = subscribe(topic, "group", Latest{});
    publish(messages(topic, 3, "e", "key"));
    EXPECT_EQ(texts(receive(*member, 3)), numbered("e", 3));
}

TEST_F(StartTest, AResetMovesTheGroupToATimeOrAnId) {
    const TopicName topic = make_topic();
    const Timestamp between = old_and_new(topic);
    Events events;
    {
        const Member member = subscribe(topic);
        events = receive(*member, 10);
        ASSERT_EQ(events.size(), 10U);
        acknowledge(*member, events);
    }
    SubscribeOptions chosen = options(topic);
    chosen.reset = AtTime{between};
    EXPECT_EQ(texts(receive(*subscribe(chosen), 5)), numbered("new", 5));
    chosen.reset = AfterId{id_of(events[7], 1)};
    EXPECT_EQ(texts(receive(*subscribe(chosen), 2)), numbered("new", 2, 3));
}

TEST_F(StartTest, MovingAGroupMakesIt) {
    const TopicName topic = make_topic();
    publish(messages(topic, 5, "old"));
    admin().move_group(topic, GroupName("made"), Latest{});
    EXPECT_EQ(group_lag(topic, "made"), 0U);
    publish(messages(topic, 2, "new"));
    EXPECT_EQ(group_lag(topic, "made"), 2U);
    EXPECT_EQ(texts(receive(*subscribe(topic, "made"), 2)), numbered("new", 2));
}

TEST_F(StartTest, EachTopicOfASubscriptionStartsAsTold) {
    const TopicName one = make_topic("one");
    const TopicName two = make_topic("two");
    publish({one, "old"});
    publish({two, "old"});
    SubscribeOptions chosen = options(one);
    chosen.topics.push_back(two);
    chosen.start = Latest{};
    const Member member = subscribe(chosen);
    publish({one, "new in one"});
    publish({two, "new in two"});
    EXPECT_EQ(sorted(texts(receive(*member, 2))), (std::vector<std::string>{"new in one", "new in two"}));
}

TEST_F(StartTest, ASubscriptionNeedsATopicAndAPrefetch) {
    SubscribeOptions chosen = options(TopicName("topic"));
    chosen.prefetch = 0;
    EXPECT_THROW(static_cast<void>(subscribe(chosen)), InvalidValue);
    chosen.prefetch = 1;
    chosen.topics.clear();
    EXPECT_THROW(static_cast<void>(subscribe(chosen)), InvalidValue);
}

}  // namespace

}  // namespace eventbus::conformance
