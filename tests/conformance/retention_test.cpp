#include <thread>

#include "fixture.hpp"

namespace eventbus::conformance {

namespace {

class RetentionTest : public Conformance {
  protected:
    /// Publishes one event at a time until `done`, for old events are removed in the background of that.
    bool publish_until(const TopicName& topic, const std::function<bool()>& done) {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        while (!done()) {
            if (std::chrono::steady_clock::now() > deadline) return false;
            publish({topic, "later"});
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return true;
    }
};

TEST_F(RetentionTest, KeepsEverythingWhenNotTold) {
    const TopicName topic = make_topic();
    publish(messages(topic, 2000));
    publish({topic, "last"});
    EXPECT_EQ(stored(topic), 2001U);
}

TEST_F(RetentionTest, RemovesWhatIsTooOld) {
    if (!backend().features.retention_by_age) GTEST_SKIP() << "there is no retention by age";
    const TopicName topic = make_topic("topic", 2, {std::chrono::seconds(1), std::nullopt});
    publish(messages(topic, 20, "old"));
    EXPECT_EQ(stored(topic), 20U) << "removed before its time";
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));
    const auto only_later = [&] {
        const Events events = receive(*subscribe(topic, "reader " + std::to_string(stored(topic))), 1);
        return events.empty() || text(events.front()) == "later";
    };
    EXPECT_TRUE(publish_until(topic, only_later));
    EXPECT_GE(stored(topic), 1U);
}

TEST_F(RetentionTest, RemovesTheOldestWhenThereIsTooMuch) {
    if (!backend().features.retention_by_bytes) GTEST_SKIP() << "there is no retention by size";
    constexpr std::uint64_t most = 100'000;
    const TopicName topic = make_topic("topic", 1, {std::nullopt, most});
    const std::string filling(990, 'x');
    for (int batch = 0; batch < 20; ++batch) {
        std::vector<Message> events;
        for (int i = 0; i < 100; ++i)
            events.push_back({topic, std::to_string(10'000 + batch * 100 + i) + filling});
        publish(events);
    }
    const auto fits = [&] { return admin().topic(topic)->bytes.value_or(0) <= most; };
    EXPECT_TRUE(publish_until(topic, fits));
    const Events events = receive(*subscribe(topic), stored(topic));
    ASSERT_FALSE(events.empty());
    std::string before;
    for (const ReceivedEvent& event : events) {
        if (text(event) == "later") break;
        EXPECT_LT(before, text(event)) << "not the oldest were removed";
        before = text(event);
    }
    EXPECT_EQ(before.substr(0, 5), "11999") << "the newest was removed";
}

TEST_F(RetentionTest, KeepsUpWithAFastWriter) {
    if (!backend().features.retention_by_bytes) GTEST_SKIP() << "there is no retention by size";
    constexpr std::uint64_t most = 50'000;
    const TopicName topic = make_topic("topic", 1, {std::nullopt, most});
    for (int batch = 0; batch < 100; ++batch)
        publish(messages(topic, 1000, "a hundred bytes or so of an event "));
    const auto fits = [&] { return admin().topic(topic)->bytes.value_or(0) <= most; };
    const auto before = stored(topic);
    int published = 0;
    EXPECT_TRUE(publish_until(topic, [&] { return fits() || ++published > 400; }));
    EXPECT_TRUE(fits()) << before << " events, then " << stored(topic);
}

TEST_F(RetentionTest, TheNewestEventStaysHoweverLarge) {
    if (!backend().features.retention_by_bytes) GTEST_SKIP() << "there is no retention by size";
    const TopicName topic = make_topic("topic", 1, {std::nullopt, 1000});
    publish({topic, "small"});
    const std::string payload(5000, 'x');
    for (int i = 0; i < 8; ++i) {
        publish({topic, payload});
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    const Events events = receive(*subscribe(topic), 1);
    ASSERT_FALSE(events.empty());
    EXPECT_EQ(text(events.back()), payload);
}

TEST_F(RetentionTest, AGroupThatWasTooSlowGoesOnWithWhatIsThere) {
    if (!backend().features.retention_by_bytes) GTEST_SKIP() << "there is no retention by size";
    const TopicName topic = make_topic("topic", 1, {std::nullopt, 20'000});
    publish(messages(topic, 100, std::string(100, 'e')));
    const Member slow = subscribe(topic);
    Events events = slow->poll(10, patience);
    ASSERT_EQ(events.size(), 10U);
    const auto begin = [&] { return admin().topic(topic)->partitions.at(0).begin; };
    publish(messages(topic, 1000, std::string(100, 'f')));
    EXPECT_TRUE(publish_until(topic, [&] { return begin() > events.back().position.offset; }));
    acknowledge(*slow, events);
    const std::uint64_t left = stored(topic);
    EXPECT_EQ(group_lag(topic), left);
    std::uint64_t more = 0;
    while (more < left) {
        events = slow->poll(1000, std::chrono::seconds(10));
        ASSERT_FALSE(events.empty());
        more += events.size();
        acknowledge(*slow, events);
    }
    EXPECT_EQ(more, left);
    EXPECT_EQ(group_lag(topic), 0U);
}

TEST_F(RetentionTest, AStartBeforeTheOldestEventIsTheOldestEvent) {
    if (!backend().features.retention_by_bytes) GTEST_SKIP() << "there is no retention by size";
    const TopicName topic = make_topic("topic", 1, {std::nullopt, 2000});
    publish({topic, "first"});
    const Events first = receive(*subscribe(topic, "reader"), 1);
    ASSERT_EQ(first.size(), 1U);
    const auto begin = [&] { return admin().topic(topic)->partitions.at(0).begin; };
    publish(messages(topic, 100, std::string(100, 'f')));
    EXPECT_TRUE(publish_until(topic, [&] { return begin() > first[0].position.offset; }));
    const std::vector<StartAt> starts{Earliest{}, AfterId{id_of(first[0], 1)}, AtTime{first[0].stored_at}};
    for (std::size_t i = 0; i < starts.size(); ++i) {
        const Member member = subscribe(topic, "group " + std::to_string(i), starts[i]);
        const Events events = receive(*member, 1);
        ASSERT_FALSE(events.empty());
        EXPECT_EQ(events[0].position.offset, begin());
    }
}

}  // namespace

}  // namespace eventbus::conformance
