#include <algorithm>

#include "fixture.hpp"

namespace eventbus::conformance {

namespace {

class AdminTest : public Conformance {
  protected:
    TopicInfo info_of(const TopicName& topic) {
        auto info = admin().topic(topic);
        if (!info) throw std::runtime_error("no topic " + topic.str());
        return *info;
    }
};

TEST_F(AdminTest, AFreshStoreHoldsNothing) {
    EXPECT_TRUE(admin().topics().empty());
    EXPECT_FALSE(admin().topic(TopicName("topic")));
    EXPECT_TRUE(admin().groups(TopicName("topic")).empty());
}

TEST_F(AdminTest, ListsTopicsByName) {
    for (const char* name : {"zebra", "Ant", "bee", "10", "9"}) make_topic(name);
    std::vector<std::string> names;
    for (const TopicInfo& info : admin().topics()) names.push_back(info.name.str());
    EXPECT_EQ(names, (std::vector<std::string>{"10", "9", "Ant", "bee", "zebra"}));
}

TEST_F(AdminTest, CountsEventsAndBytes) {
    const TopicName topic = make_topic("topic", 4);
    for (int i = 0; i < 40; ++i) publish({topic, "twelve bytes", std::to_string(i)});
    const TopicInfo info = info_of(topic);
    ASSERT_EQ(info.partitions.size(), backend().features.partitions ? 4U : 1U);
    std::uint64_t events = 0;
    for (std::size_t i = 0; i < info.partitions.size(); ++i) {
        EXPECT_EQ(info.partitions[i].partition, Partition{static_cast<std::int32_t>(i)});
        EXPECT_LT(info.partitions[i].begin, info.partitions[i].end);
        events += info.partitions[i].events;
    }
    EXPECT_EQ(events, 40U);
    if (info.bytes) {
        EXPECT_EQ(*info.bytes, 40U * 12U);
    }
}

TEST_F(AdminTest, AnEmptyPartitionBeginsWhereItEnds) {
    for (const PartitionInfo& partition : info_of(make_topic("topic", 3)).partitions) {
        EXPECT_EQ(partition.begin, partition.end);
        EXPECT_EQ(partition.events, 0U);
    }
}

TEST_F(AdminTest, CreatingATopicAgainChangesItsRetentionAlone) {
    if (!backend().features.retention_by_age) GTEST_SKIP() << "there is no retention by age";
    const TopicName topic = make_topic("topic", 2, {std::chrono::hours(1), 1'000'000});
    publish(messages(topic, 10));
    EXPECT_EQ(info_of(topic).retention.age, std::chrono::hours(1));
    EXPECT_EQ(info_of(topic).retention.bytes, 1'000'000U);
    make_topic("topic", 2, {std::chrono::hours(2), std::nullopt});
    EXPECT_EQ(info_of(topic).retention.age, std::chrono::hours(2));
    EXPECT_EQ(info_of(topic).retention.bytes, std::nullopt);
    EXPECT_EQ(stored(topic), 10U);
}

TEST_F(AdminTest, ATopicKeepsItsPartitions) {
    if (!backend().features.partitions) GTEST_SKIP() << "there is one partition";
    const TopicName topic = make_topic("topic", 2);
    EXPECT_THROW(make_topic("topic", 3), InvalidValue);
    EXPECT_EQ(info_of(topic).partitions.size(), 2U);
}

TEST_F(AdminTest, RefusesWrongNumbersOfPartitions) {
    if (!backend().features.partitions) GTEST_SKIP() << "there is one partition";
    for (const std::int32_t partitions : {0, -1, INT32_MIN})
        EXPECT_THROW(make_topic("topic", partitions), InvalidValue) << partitions;
    EXPECT_TRUE(admin().topics().empty());
}

TEST_F(AdminTest, DeletesATopicWithItsEventsAndPositions) {
    const TopicName topic = make_topic("topic", 2);
    const TopicName other = make_topic("other");
    publish(messages(topic, 10));
    publish(messages(other, 3));
    {
        const Member member = subscribe(topic);
        acknowledge(*member, receive(*member, 10));
    }
    admin().delete_topic(topic);
    EXPECT_FALSE(admin().topic(topic));
    EXPECT_TRUE(admin().groups(topic).empty());
    EXPECT_EQ(stored(other), 3U);
    publish(messages(topic, 2, "again"));
    EXPECT_EQ(stored(topic), 2U);
    EXPECT_EQ(sorted(texts(receive(*subscribe(topic), 2))), numbered("again", 2));
}

TEST_F(AdminTest, ARunningMemberGoesOnWithATopicThatIsMadeAnew) {
    const TopicName topic = make_topic();
    publish(messages(topic, 5, "old"));
    const Member member = subscribe(topic);
    const Events old = receive(*member, 5);
    ASSERT_EQ(old.size(), 5U);
    acknowledge(*member, std::span(old).first(2));
    admin().delete_topic(topic);
    EXPECT_TRUE(glimpse(*member).empty());
    publish(messages(topic, 3, "new"));
    const Events fresh = receive(*member, 3);
    EXPECT_EQ(sorted(texts(fresh)), numbered("new", 3));
    acknowledge(*member, fresh);
    EXPECT_EQ(group_lag(topic), 0U);
}

TEST_F(AdminTest, AWriterGoesOnWithATopicThatIsMadeAnew) {
    const TopicName topic = make_topic("topic", 3);
    publish(messages(topic, 5));
    auto other = store().connect();
    other->admin()->delete_topic(topic);
    other->admin()->create_topic(topic, {1, {}});
    const auto positions = publish(messages(topic, 5, "new"));
    for (const Position& position : positions) EXPECT_EQ(position.partition, Partition{0});
    EXPECT_EQ(stored(topic), 5U);
}

TEST_F(AdminTest, WhatIsNotThereIsNotFound) {
    const TopicName topic("missing");
    EXPECT_THROW(admin().delete_topic(topic), NotFound);
    EXPECT_THROW(admin().move_group(topic, GroupName("group"), Earliest{}), NotFound);
}

TEST_F(AdminTest, ShowsGroupsWithPositionsLagAndOwners) {
    const TopicName topic = make_topic("topic", 2);
    publish(messages(topic, 20));
    std::vector<Member> members;
    for (const char* name : {"one", "two"}) {
        SubscribeOptions chosen = options(topic);
        chosen.member = name;
        chosen.start = Latest{};
        members.push_back(subscribe(chosen));
    }
    settle(topic, members);
    publish(messages(topic, 6));
    const GroupInfo info = group_info(topic);
    EXPECT_EQ(info.name.str(), "group");
    EXPECT_EQ(info.topic, topic);
    std::vector<std::string> owners;
    std::uint64_t lag = 0;
    for (const auto& partition : info.partitions) {
        owners.push_back(partition.owner);
        lag += partition.lag;
    }
    EXPECT_EQ(lag, 6U);
    if (backend().features.partitions) {
        EXPECT_EQ(sorted(owners), (std::vector<std::string>{"one", "two"}));
    }
    members.clear();
    for (const auto& partition : group_info(topic).partitions) EXPECT_EQ(partition.owner, "");
}

TEST_F(AdminTest, SeesWhatOtherConnectionsDo) {
    const auto other = store().connect();
    const auto looker = other->admin();
    EXPECT_TRUE(looker->topics().empty());
    const TopicName topic = make_topic();
    publish(messages(topic, 4));
    const auto info = looker->topic(topic);
    ASSERT_TRUE(info);
    EXPECT_EQ(info->partitions.at(0).events, 4U);
}

TEST_F(AdminTest, MovingOnePartitionLeavesTheOthers) {
    if (!backend().features.partitions) GTEST_SKIP() << "there is one partition";
    const TopicName topic = make_topic("topic", 2);
    publish(messages(topic, 20));
    Events events;
    {
        const Member member = subscribe(topic);
        events = receive(*member, 20);
        ASSERT_EQ(events.size(), 20U);
        acknowledge(*member, events);
    }
    const auto first =
        std::ranges::find(events, Partition{1}, [](const auto& event) { return event.position.partition; });
    ASSERT_NE(first, events.end());
    admin().move_group(topic, GroupName("group"), AfterId{id_of(*first, 2)});
    const GroupInfo info = group_info(topic);
    EXPECT_EQ(info.partitions.at(0).lag, 0U);
    const auto in_it =
        std::ranges::count(events, Partition{1}, [](const auto& event) { return event.position.partition; });
    EXPECT_EQ(info.partitions.at(1).lag, static_cast<std::uint64_t>(in_it - 1));
}

}  // namespace

}  // namespace eventbus::conformance
