#include "fixture.hpp"

namespace eventbus::conformance {

namespace {

class BesidesTest : public Conformance {
  protected:
    [[nodiscard]] SubscribeOptions with_besides(const TopicName& topic, const TopicName& beside) const {
        SubscribeOptions subscription = options(topic);
        subscription.besides = {beside};
        return subscription;
    }
};

TEST_F(BesidesTest, StartsAtTheEarliestWhereverTheOthersStart) {
    const TopicName topic = make_topic("topic");
    const TopicName beside = make_topic("beside");
    publish(messages(topic, 3, "old"));
    publish(messages(beside, 3, "kept"));
    SubscribeOptions subscription = with_besides(topic, beside);
    subscription.start = Latest{};
    const Member member = subscribe(subscription);
    EXPECT_EQ(sorted(texts(receive(*member, 3))), sorted(numbered("kept", 3)));
    EXPECT_TRUE(glimpse(*member).empty());
}

TEST_F(BesidesTest, IsNotMovedWithTheOthers) {
    const TopicName topic = make_topic("topic");
    const TopicName beside = make_topic("beside");
    publish(messages(topic, 2, "e"));
    publish(messages(beside, 2, "b"));
    {
        const Member member = subscribe(with_besides(topic, beside));
        acknowledge(*member, receive(*member, 4));
    }
    SubscribeOptions again = with_besides(topic, beside);
    again.reset = Earliest{};
    const Member member = subscribe(again);
    EXPECT_EQ(sorted(texts(receive(*member, 2))), sorted(numbered("e", 2)));
    EXPECT_TRUE(glimpse(*member).empty());
}

TEST_F(BesidesTest, IsNotMadeBySubscribingAndReadFromItsFirstEventWhenItComes) {
    const TopicName topic = make_topic("topic");
    const TopicName beside("beside");
    SubscribeOptions subscription = with_besides(topic, beside);
    subscription.start = Latest{};
    const Member member = subscribe(subscription);
    EXPECT_TRUE(glimpse(*member).empty());
    EXPECT_FALSE(admin().topic(beside).has_value());
    publish(messages(beside, 3, "b"));
    const Events events = receive(*member, 3);
    EXPECT_EQ(sorted(texts(events)), sorted(numbered("b", 3)));
    acknowledge(*member, events);
    EXPECT_EQ(group_lag(beside), 0U);
}

}  // namespace

}  // namespace eventbus::conformance
