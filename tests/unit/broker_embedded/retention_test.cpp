#include "eventbus/broker/embedded/retention.hpp"

#include <gtest/gtest.h>

#include "eventbus/broker/embedded/event_writer.hpp"
#include "eventbus/broker/embedded/file.hpp"
#include "temporary_directory.hpp"

namespace eventbus::embedded {

namespace {

class RetentionTest : public testing::Test {
  protected:
    /// Stores events of so many bytes at this second.
    void store(const std::string& topic, int count, std::size_t bytes, int second) {
        time_ = Timestamp(std::chrono::seconds(second));
        const TopicName name(topic);
        const EventMetadata metadata;
        const std::string payload(bytes, 'x');
        OutgoingEvent event;
        event.topic = &name;
        event.metadata = &metadata;
        event.payload = std::as_bytes(std::span(payload));
        const std::vector<const OutgoingEvent*> events(static_cast<std::size_t>(count), &event);
        std::vector<Position> positions(events.size());
        writer_.write(events, positions);
    }
    void keep(const std::string& topic, const Retention& retention) {
        Transaction transaction(*connection_);
        make_topic(*connection_, topic, {.partitions = 2, .retention = retention});
        transaction.commit();
    }
    bool remove(int second) { return remove_expired(*connection_, Timestamp(std::chrono::seconds(second))); }
    Topic state(const std::string& topic) { return find_topic(*connection_, topic).value(); }

    TemporaryDirectory directory_;
    std::unique_ptr<Connection> connection_ =
        open_file(directory_.file("bus"), Sync::off, std::chrono::seconds(1));
    Timestamp time_;
    EventWriter writer_{*connection_, {}, [this] { return time_; }};
};

TEST_F(RetentionTest, RemovesByAgeToTheSecond) {
    keep("topic", {std::chrono::seconds(10), std::nullopt});
    for (int second = 100; second < 110; ++second) store("topic", 3, 1, second);
    EXPECT_TRUE(remove(110));
    EXPECT_EQ(state("topic").first_offset, 0);
    EXPECT_TRUE(remove(111));
    EXPECT_EQ(state("topic").first_offset, 3);
    EXPECT_EQ(state("topic").bytes, 27);
    EXPECT_TRUE(remove(1000));
    EXPECT_EQ(state("topic").first_offset, 30);
    EXPECT_EQ(state("topic").next_offset, 30);
    EXPECT_EQ(state("topic").bytes, 0);
}

TEST_F(RetentionTest, RemovesBySizeAndKeepsTheNewest) {
    keep("topic", {std::nullopt, 100});
    store("topic", 15, 10, 1);
    EXPECT_TRUE(remove(1));
    EXPECT_EQ(state("topic").bytes, 100);
    EXPECT_EQ(state("topic").first_offset, 5);
    store("topic", 1, 5000, 2);
    EXPECT_TRUE(remove(2));
    EXPECT_EQ(state("topic").first_offset, 15);
    EXPECT_EQ(state("topic").bytes, 5000);
}

TEST_F(RetentionTest, RemovesABoundedPartAtATime) {
    keep("topic", {std::nullopt, 10});
    for (int i = 0; i < 50; ++i) store("topic", 1000, 10, i);
    int calls = 1;
    while (!remove(100)) ++calls;
    EXPECT_GT(calls, 1);
    EXPECT_LT(calls, 10);
    EXPECT_EQ(state("topic").bytes, 10);
}

TEST_F(RetentionTest, LooksAtEveryTopicThatForgets) {
    keep("forgets", {std::chrono::seconds(1), std::nullopt});
    keep("forgets too", {std::chrono::seconds(1), std::nullopt});
    store("forgets", 3, 1, 1);
    store("keeps", 3, 1, 1);
    EXPECT_TRUE(remove(100));
    EXPECT_EQ(state("forgets").first_offset, 3);
    EXPECT_EQ(state("keeps").first_offset, 0);
}

TEST_F(RetentionTest, OffsetsGoOnAfterEverythingIsRemoved) {
    keep("topic", {std::chrono::seconds(1), std::nullopt});
    store("topic", 3, 1, 1);
    EXPECT_TRUE(remove(100));
    store("topic", 1, 1, 200);
    EXPECT_EQ(state("topic").first_offset, 3);
    EXPECT_EQ(state("topic").next_offset, 4);
}

}  // namespace

}  // namespace eventbus::embedded
