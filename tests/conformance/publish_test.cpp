#include <algorithm>
#include <atomic>
#include <mutex>

#include "fixture.hpp"

namespace eventbus::conformance {

namespace {

class PublishTest : public Conformance {};

TEST_F(PublishTest, GivesEachEventItsPosition) {
    const TopicName topic = make_topic("topic", 4);
    const auto positions = publish(messages(topic, 5, "e", "one key"));
    ASSERT_EQ(positions.size(), 5U);
    for (std::size_t i = 1; i < positions.size(); ++i) {
        EXPECT_EQ(positions[i].partition, positions[0].partition);
        EXPECT_LT(positions[i - 1].offset, positions[i].offset);
    }
    const Member member = subscribe(topic);
    const Events events = receive(*member, 5);
    ASSERT_EQ(events.size(), 5U);
    for (std::size_t i = 0; i < events.size(); ++i) EXPECT_EQ(events[i].position, positions[i]);
}

TEST_F(PublishTest, NumbersTheEventsOfAPartition) {
    if (!backend().features.numbers_events) GTEST_SKIP() << "events have ids, not numbers";
    const TopicName topic = make_topic();
    const auto positions = publish(messages(topic, 3));
    for (std::size_t i = 0; i < positions.size(); ++i) {
        EXPECT_EQ(positions[i].partition, Partition{0});
        EXPECT_EQ(positions[i].offset, (Offset{i, 0}));
    }
}

TEST_F(PublishTest, TakesNothing) { EXPECT_TRUE(publisher().publish({}).empty()); }

TEST_F(PublishTest, MakesATopicThatIsNotThere) {
    const TopicName topic("made-by-its-first-event");
    publish({topic, "first"});
    ASSERT_TRUE(admin().topic(topic));
    EXPECT_EQ(stored(topic), 1U);
}

TEST_F(PublishTest, TakesEventsOfSeveralTopicsInOneCall) {
    const TopicName one = make_topic("one");
    const TopicName two = make_topic("two");
    publish(std::vector<Message>{{one, "a"}, {two, "b"}, {one, "c"}});
    EXPECT_EQ(texts(receive(*subscribe(one), 2)), (std::vector<std::string>{"a", "c"}));
    EXPECT_EQ(texts(receive(*subscribe(two), 1)), (std::vector<std::string>{"b"}));
}

TEST_F(PublishTest, EnqueueReportsEachEventInOrder) {
    const TopicName topic = make_topic();
    std::mutex mutex;
    std::vector<Position> positions;
    for (const Message& message : messages(topic, 200)) {
        publisher().enqueue(message.view(), [&](const Delivery& delivery) {
            const std::lock_guard lock(mutex);
            EXPECT_EQ(delivery.failure, nullptr);
            positions.push_back(delivery.position);
        });
    }
    ASSERT_TRUE(publisher().flush(patience));
    const std::lock_guard lock(mutex);
    ASSERT_EQ(positions.size(), 200U);
    EXPECT_TRUE(std::ranges::is_sorted(positions));
    const Events events = receive(*subscribe(topic), 200);
    EXPECT_EQ(texts(events), numbered("e", 200));
}

TEST_F(PublishTest, EnqueueCopiesTheEvent) {
    const TopicName topic = make_topic();
    {
        Message message{topic, "original", "key"};
        message.headers = {{"name", "value"}};
        publisher().enqueue(message.view(), [](const Delivery&) {});
        message.payload.assign("OVERWRIT");
        message.key->assign("KEY");
        message.metadata.source = "elsewhere";
        message.headers.front().second = "VALUE";
    }
    ASSERT_TRUE(publisher().flush(patience));
    const Events events = receive(*subscribe(topic), 1);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(text(events[0]), "original");
    EXPECT_EQ(events[0].key, "key");
    EXPECT_EQ(events[0].metadata.source, "openedx/lms/web");
    EXPECT_EQ(events[0].headers, (Headers{{"name", "value"}}));
}

TEST_F(PublishTest, EnqueueAndPublishOfOneThreadKeepTheirOrder) {
    const TopicName topic = make_topic();
    for (std::size_t i = 0; i < 50; ++i) {
        const Message message{topic, "e" + std::to_string(i)};
        if (i % 3 == 0)
            publish(message);
        else
            publisher().enqueue(message.view(), [](const Delivery&) {});
    }
    ASSERT_TRUE(publisher().flush(patience));
    EXPECT_EQ(texts(receive(*subscribe(topic), 50)), numbered("e", 50));
}

TEST_F(PublishTest, EndOfThePublisherStoresWhatIsEnqueued) {
    const TopicName topic = make_topic();
    std::atomic<int> stored_events = 0;
    auto other = broker().publisher();
    for (const Message& message : messages(topic, 100))
        other->enqueue(message.view(), [&](const Delivery& delivery) { stored_events += !delivery.failure; });
    other.reset();
    EXPECT_EQ(stored_events, 100);
    EXPECT_EQ(texts(receive(*subscribe(topic), 100)), numbered("e", 100));
}

TEST_F(PublishTest, FlushOfNothingReturnsAtOnce) { EXPECT_TRUE(publisher().flush(patience)); }

TEST_F(PublishTest, AFlushMayWaitForEver) {
    const TopicName topic = make_topic();
    const std::vector<Message> one = messages(topic, 1);
    publisher().enqueue(one.front().view(), [](const Delivery&) {});
    EXPECT_TRUE(publisher().flush(std::chrono::milliseconds::max()));
}

TEST_F(PublishTest, PublisherAndSubscriptionOutliveTheBroker) {
    const TopicName topic = make_topic();
    auto connection = store().connect();
    const auto writer = connection->publisher();
    const Member reader = connection->subscribe(options(topic));
    const auto looker = connection->admin();
    connection.reset();
    reconnect();
    const Message message{topic, "still here"};
    const auto deliveries = writer->publish(std::vector{message.view()});
    ASSERT_EQ(deliveries.size(), 1U);
    EXPECT_EQ(deliveries[0].failure, nullptr);
    EXPECT_EQ(texts(receive(*reader, 1)), (std::vector<std::string>{"still here"}));
    EXPECT_EQ(looker->topics().size(), 1U);
}

}  // namespace

}  // namespace eventbus::conformance
