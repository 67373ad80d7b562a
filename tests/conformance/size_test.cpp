#include <algorithm>

#include "fixture.hpp"

namespace eventbus::conformance {

namespace {

constexpr std::size_t megabyte = 1'000'000;

class SizeTest : public Conformance {};

std::string large(std::size_t size, unsigned seed) {
    std::string bytes(size, '\0');
    std::uint32_t state = seed;
    for (char& byte : bytes) {
        state = state * 1664525 + 1013904223;
        byte = static_cast<char>(state >> 24);
    }
    return bytes;
}

TEST_F(SizeTest, TakesAnEventOfTenMegabytes) {
    const TopicName topic = make_topic();
    const Message message{topic, large(10 * megabyte, 1), "key"};
    publish({topic, "small before"});
    publish(message);
    publish({topic, "small after"});
    const Events events = receive(*subscribe(topic), 3);
    ASSERT_EQ(events.size(), 3U);
    EXPECT_EQ(text(events[0]).size() + text(events[2]).size(), 23U);
    const auto found =
        std::ranges::find(events, 10 * megabyte, [](const auto& e) { return e.payload.size(); });
    ASSERT_NE(found, events.end());
    EXPECT_TRUE(text(*found) == message.payload) << "other bytes";
}

TEST_F(SizeTest, TakesManyLargeEventsInOneCall) {
    const TopicName topic = make_topic("topic", 2);
    std::vector<Message> batch;
    for (unsigned i = 0; i < 30; ++i) batch.push_back({topic, large(2 * megabyte, i), std::to_string(i)});
    publish(batch);
    std::vector<std::string> expected;
    for (const Message& message : batch) expected.push_back(message.payload);
    EXPECT_TRUE(sorted(texts(receive(*subscribe(topic), 30))) == sorted(expected)) << "other bytes";
}

TEST_F(SizeTest, TakesManySmallEventsInOneCall) {
    const TopicName topic = make_topic();
    const auto positions = publish(messages(topic, 5000));
    EXPECT_TRUE(std::ranges::is_sorted(positions));
    SubscribeOptions chosen = options(topic);
    chosen.prefetch = 6000;
    EXPECT_EQ(texts(receive(*subscribe(chosen), 5000)), numbered("e", 5000));
}

TEST_F(SizeTest, TakesLargeEventsThatAreEnqueued) {
    const TopicName topic = make_topic();
    for (unsigned i = 0; i < 5; ++i) {
        const Message message{topic, large(megabyte + i, i)};
        publisher().enqueue(message.view(),
                            [](const Delivery& delivery) { EXPECT_EQ(delivery.failure, nullptr); });
    }
    ASSERT_TRUE(publisher().flush(patience));
    const Events events = receive(*subscribe(topic), 5);
    ASSERT_EQ(events.size(), 5U);
    for (unsigned i = 0; i < 5; ++i) EXPECT_TRUE(text(events[i]) == large(megabyte + i, i)) << i;
}

TEST_F(SizeTest, RefusesWhatIsTooLargeAndTakesTheRest) {
    const std::size_t largest = backend().features.largest_event;
    if (largest == 0) GTEST_SKIP() << "there is no limit but memory";
    const TopicName topic = make_topic();
    const std::vector<Message> batch{
        {topic, "before"}, {topic, std::string(largest + 1, 'x')}, {topic, "after"}};
    std::vector<OutgoingEvent> events;
    for (const Message& message : batch) events.push_back(message.view());
    const auto deliveries = publisher().publish(events);
    ASSERT_EQ(deliveries.size(), 3U);
    EXPECT_EQ(deliveries[0].failure, nullptr);
    EXPECT_EQ(deliveries[2].failure, nullptr);
    ASSERT_NE(deliveries[1].failure, nullptr);
    EXPECT_THROW(std::rethrow_exception(deliveries[1].failure), InvalidValue);
    EXPECT_EQ(texts(receive(*subscribe(topic), 2)), (std::vector<std::string>{"before", "after"}));
    EXPECT_EQ(stored(topic), 2U);
}

TEST_F(SizeTest, TakesTheLargestEvent) {
    const std::size_t largest = backend().features.largest_event;
    if (largest == 0) GTEST_SKIP() << "there is no limit but memory";
    const TopicName topic = make_topic();
    publish({topic, std::string(largest - 1000, 'x')});
    const Events events = receive(*subscribe(topic), 1);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].payload.size(), largest - 1000);
}

}  // namespace

}  // namespace eventbus::conformance
