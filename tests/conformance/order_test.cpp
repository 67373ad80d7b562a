#include <map>
#include <set>

#include "fixture.hpp"

namespace eventbus::conformance {

namespace {

class OrderTest : public Conformance {};

TEST_F(OrderTest, EventsOfAKeyArriveInOrder) {
    const TopicName topic = make_topic("topic", 4);
    constexpr std::size_t keys = 20;
    constexpr std::size_t events_of_key = 50;
    for (std::size_t i = 0; i < events_of_key; ++i) {
        std::vector<Message> batch;
        for (std::size_t key = 0; key < keys; ++key)
            batch.push_back({topic, "e" + std::to_string(i), "key " + std::to_string(key)});
        publish(batch);
    }
    std::map<std::string, std::vector<std::string>> by_key;
    std::map<std::string, std::set<Partition>> partitions_of_key;
    for (const ReceivedEvent& event : receive(*subscribe(topic), keys * events_of_key)) {
        by_key[event.key.value()].push_back(text(event));
        partitions_of_key[event.key.value()].insert(event.position.partition);
    }
    ASSERT_EQ(by_key.size(), keys);
    for (const auto& [key, arrived] : by_key) EXPECT_EQ(arrived, numbered("e", events_of_key)) << key;
    for (const auto& [key, partitions] : partitions_of_key) EXPECT_EQ(partitions.size(), 1U) << key;
}

TEST_F(OrderTest, KeysSpreadOverThePartitions) {
    if (!backend().features.partitions) GTEST_SKIP() << "there is one partition";
    const TopicName topic = make_topic("topic", 4);
    std::set<Partition> used;
    for (int key = 0; key < 100; ++key) used.insert(publish({topic, "e", std::to_string(key)}).partition);
    EXPECT_EQ(used.size(), 4U);
}

TEST_F(OrderTest, EventsWithoutAKeySpreadOverThePartitions) {
    if (!backend().features.partitions) GTEST_SKIP() << "there is one partition";
    const TopicName topic = make_topic("topic", 4);
    std::set<Partition> used;
    for (int i = 0; i < 100; ++i) used.insert(publish({topic, "e"}).partition);
    EXPECT_EQ(used.size(), 4U);
}

TEST_F(OrderTest, AKeyStaysInItsPartitionAcrossConnections) {
    const TopicName topic = make_topic("topic", 8);
    std::vector<Partition> before;
    for (int key = 0; key < 20; ++key) before.push_back(publish({topic, "e", std::to_string(key)}).partition);
    reconnect();
    for (std::size_t key = 0; key < 20; ++key)
        EXPECT_EQ(publish({topic, "e", std::to_string(key)}).partition, before[key]);
}

TEST_F(OrderTest, EventsOfAPartitionArriveInTheOrderOfTheirPositions) {
    const TopicName topic = make_topic("topic", 3);
    for (int batch = 0; batch < 10; ++batch) publish(messages(topic, 30));
    const Member member = subscribe(topic);
    std::map<Partition, Offset> last;
    std::size_t count = 0;
    while (count < 300) {
        const Events events = member->poll(7, patience);
        ASSERT_FALSE(events.empty());
        EXPECT_LE(events.size(), 7U);
        count += events.size();
        for (const ReceivedEvent& event : events) {
            const auto before = last.find(event.position.partition);
            if (before != last.end()) {
                EXPECT_LT(before->second, event.position.offset);
            }
            last[event.position.partition] = event.position.offset;
        }
    }
    EXPECT_EQ(count, 300U);
}

}  // namespace

}  // namespace eventbus::conformance
