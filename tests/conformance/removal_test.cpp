#include <algorithm>
#include <map>

#include "child.hpp"
#include "fixture.hpp"

namespace eventbus::conformance {

namespace {

class RemovalTest : public Conformance {
  protected:
    [[nodiscard]] Events all_of(const TopicName& topic) {
        return read_all(*broker().reader({.topic = topic}));
    }

    [[nodiscard]] PartitionInfo partition_info(const TopicName& topic, Partition partition) {
        return admin().topic(topic).value().partitions.at(static_cast<std::size_t>(partition));
    }

    /// Removes what the partition holds up to this event, itself included.
    void remove_to(const TopicName& topic, const ReceivedEvent& event) {
        Offset behind = event.position.offset;
        if (backend().features.numbers_events) {
            ++behind.number;
        } else {
            ++behind.sequence;
        }
        admin().delete_events_before(topic, event.position.partition, behind);
    }
};

TEST_F(RemovalTest, RemovesWhatStandsBeforeAnOffset) {
    const TopicName topic = make_topic();
    publish(messages(topic, 10));
    const Events events = all_of(topic);
    ASSERT_EQ(events.size(), 10U);
    admin().delete_events_before(topic, Partition{0}, events[4].position.offset);
    EXPECT_EQ(texts(all_of(topic)), numbered("e", 6, 4));
    const PartitionInfo info = partition_info(topic, Partition{0});
    EXPECT_EQ(info.events, 6U);
    EXPECT_EQ(info.begin, events[4].position.offset);
    if (const auto bytes = admin().topic(topic)->bytes) {
        EXPECT_EQ(*bytes, 6U * 2U);
    }
    admin().delete_events_before(topic, Partition{0}, events[4].position.offset);
    admin().delete_events_before(topic, Partition{0}, {});
    EXPECT_EQ(stored(topic), 6U) << "removing again removes more";
}

TEST_F(RemovalTest, AnOffsetBeyondTheEndRemovesAllThatIsStored) {
    const TopicName topic = make_topic();
    publish(messages(topic, 10, "old"));
    const Offset end = partition_info(topic, Partition{0}).end;
    for (const std::uint64_t number : {UINT64_MAX, std::uint64_t{INT64_MAX}, end.number})
        admin().delete_events_before(topic, Partition{0}, {number, UINT64_MAX});
    EXPECT_EQ(stored(topic), 0U);
    EXPECT_EQ(admin().topic(topic)->bytes.value_or(0), 0U);
    const PartitionInfo empty = partition_info(topic, Partition{0});
    EXPECT_EQ(empty.begin, empty.end);
    EXPECT_EQ(empty.end, end) << "numbering starts over";
    const Position next = publish({topic, "new"});
    EXPECT_GE(next.offset, end);
    EXPECT_EQ(texts(all_of(topic)), (std::vector<std::string>{"new"}));
}

TEST_F(RemovalTest, LeavesTheOtherPartitionsAlone) {
    if (!backend().features.partitions) GTEST_SKIP() << "there is one partition";
    const TopicName topic = make_topic("topic", 3);
    publish(messages(topic, 300));
    std::map<Partition, Events> events;
    for (ReceivedEvent& event : all_of(topic)) events[event.position.partition].push_back(std::move(event));
    ASSERT_EQ(events.size(), 3U);
    remove_to(topic, events[Partition{1}].at(events[Partition{1}].size() / 2));
    remove_to(topic, events[Partition{2}].back());
    Events expected = events[Partition{0}];
    const Events& half = events[Partition{1}];
    expected.insert(expected.end(), half.begin() + static_cast<std::ptrdiff_t>(half.size() / 2 + 1),
                    half.end());
    EXPECT_EQ(sorted(texts(all_of(topic))), sorted(texts(expected)));
    EXPECT_EQ(partition_info(topic, Partition{0}).events, events[Partition{0}].size());
    EXPECT_EQ(partition_info(topic, Partition{1}).begin, half.at(half.size() / 2 + 1).position.offset);
    EXPECT_EQ(partition_info(topic, Partition{2}).events, 0U);
    EXPECT_EQ(partition_info(topic, Partition{2}).begin, partition_info(topic, Partition{2}).end);
    remove_to(topic, events[Partition{0}].back());
    remove_to(topic, half.back());
    EXPECT_EQ(stored(topic), 0U);
    EXPECT_EQ(admin().topic(topic)->bytes.value_or(0), 0U);
}

TEST_F(RemovalTest, AGroupThatStoodThereGoesOnAtTheOldestEvent) {
    const TopicName topic = make_topic("topic", 2);
    publish(messages(topic, 40));
    const auto other = subscribe(topic, "other");
    Events events;
    {
        const Member member = subscribe(topic);
        events = receive(*member, 40);
        ASSERT_EQ(events.size(), 40U);
    }
    const TopicInfo info = admin().topic(topic).value();
    for (const PartitionInfo& partition : info.partitions)
        admin().delete_events_before(topic, partition.partition, {UINT64_MAX, UINT64_MAX});
    EXPECT_EQ(group_lag(topic), 0U);
    publish(messages(topic, 4, "new"));
    EXPECT_EQ(group_lag(topic), 4U);
    EXPECT_EQ(sorted(texts(receive(*subscribe(topic), 4))), numbered("new", 4));
    EXPECT_EQ(sorted(texts(receive(*other, 4))), numbered("new", 4)) << "a member that was running";
}

TEST_F(RemovalTest, AMemberFinishesWhatItWasHanded) {
    const TopicName topic = make_topic();
    publish(messages(topic, 10));
    const Member member = subscribe(topic);
    const Events events = receive(*member, 10);
    ASSERT_EQ(events.size(), 10U);
    remove_to(topic, events[6]);
    EXPECT_EQ(group_lag(topic), 3U);
    acknowledge(*member, events);
    EXPECT_EQ(group_lag(topic), 0U);
    publish({topic, "next"});
    EXPECT_EQ(texts(receive(*member, 1)), (std::vector<std::string>{"next"}));
}

TEST_F(RemovalTest, AReaderSkipsWhatWasRemoved) {
    const TopicName topic = make_topic();
    publish(messages(topic, 10));
    const auto reader = broker().reader({.topic = topic});
    const Events first = reader->read(2);
    ASSERT_EQ(first.size(), 2U);
    const Events events = all_of(topic);
    remove_to(topic, events.at(6));
    EXPECT_EQ(reader->left(), 3U);
    EXPECT_EQ(texts(read_all(*reader)), numbered("e", 3, 7));
}

TEST_F(RemovalTest, StartsBeforeTheOldestEventAreTheOldestEvent) {
    const TopicName topic = make_topic();
    publish(messages(topic, 10));
    const Events events = all_of(topic);
    ASSERT_EQ(events.size(), 10U);
    remove_to(topic, events[4]);
    for (const StartAt& start :
         std::vector<StartAt>{Earliest{}, AfterId{id_of(events[1], 1)}, AtTime{events[0].stored_at}})
        EXPECT_EQ(texts(read_all(*broker().reader({.topic = topic, .from = start}))), numbered("e", 5, 5));
}

TEST_F(RemovalTest, RemovesFromABigTopic) {
    const TopicName topic = make_topic("topic", 2);
    publish(messages(topic, 30'000));
    const Events events = all_of(topic);
    std::map<Partition, const ReceivedEvent*> last;
    for (const ReceivedEvent& event : events) last[event.position.partition] = &event;
    for (const auto& [partition, event] : last)
        admin().delete_events_before(topic, partition, event->position.offset);
    EXPECT_EQ(stored(topic), last.size());
}

TEST_F(RemovalTest, RetentionGoesOnAfterIt) {
    if (!backend().features.retention_by_bytes || !backend().features.partitions)
        GTEST_SKIP() << "there is no retention by size, or one partition";
    constexpr std::uint64_t most = 20'000;
    const TopicName topic = make_topic("topic", 2, {std::nullopt, most});
    const auto deadline = std::chrono::steady_clock::now() + patience;
    const auto settles = [&] {
        const auto info = admin().topic(topic).value();
        return *info.bytes <= most + 2000;
    };
    for (int round = 0; round < 5; ++round) {
        publish(messages(topic, 200, std::string(100, 'e')));
        const Events events = all_of(topic);
        ASSERT_FALSE(events.empty());
        remove_to(topic, events.at(events.size() / 2));
        do publish({topic, "later"});
        while (!settles() && std::chrono::steady_clock::now() < deadline);
        std::uint64_t bytes = 0;
        const auto before = admin().topic(topic)->bytes;
        for (const ReceivedEvent& event : all_of(topic)) bytes += event.payload.size();
        if (before == admin().topic(topic)->bytes) {
            EXPECT_EQ(before, bytes) << "the sum of bytes drifts";
        }
    }
    EXPECT_TRUE(settles());
}

TEST_F(RemovalTest, WhatIsNotThereIsNotFound) {
    const TopicName missing("missing");
    EXPECT_THROW(admin().delete_events_before(missing, Partition{0}, {1, 0}), NotFound);
    EXPECT_FALSE(admin().topic(missing));
    const TopicName topic = make_topic("topic", 2);
    for (const std::int32_t partition : {-1, 2, INT32_MAX})
        EXPECT_THROW(admin().delete_events_before(topic, Partition{partition}, {1, 0}), NotFound);
    admin().delete_events_before(topic, Partition{0}, {1, 0});
    EXPECT_EQ(stored(topic), 0U);
}

}  // namespace

}  // namespace eventbus::conformance
