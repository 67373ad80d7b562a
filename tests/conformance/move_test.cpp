#include <algorithm>
#include <atomic>
#include <thread>

#include "child.hpp"
#include "fixture.hpp"

namespace eventbus::conformance {

namespace {

/// A group is moved while its members are at work.
class MoveTest : public Conformance {
  protected:
    /// Ten old events, a time, ten new ones, with keys of several partitions.
    Timestamp old_and_new(const TopicName& topic) {
        return publish_apart(with_keys(topic, "old"), with_keys(topic, "new"));
    }

    /// Consumes with all members until so many events came and the group is done; what came.
    std::vector<std::string> consume(const TopicName& topic, std::vector<Member>& members,
                                     std::size_t count) {
        std::vector<std::string> seen;
        const auto take = [&](std::size_t, Subscription& member, const Events& events) {
            for (const std::string& payload : texts(events)) seen.push_back(payload);
            acknowledge(member, events);
        };
        const auto done = [&] { return seen.size() >= count && group_lag(topic) == 0; };
        EXPECT_TRUE(poll_in_turn(members, take, done)) << seen.size() << " of " << count << " came";
        return sorted(seen);
    }

  private:
    static std::vector<Message> with_keys(const TopicName& topic, const std::string& prefix) {
        std::vector<Message> all = messages(topic, 10, prefix);
        for (std::size_t i = 0; i < all.size(); ++i) all[i].key = "key " + std::to_string(i);
        return all;
    }
};

TEST_F(MoveTest, AMemberThatJoinsMovesTheOthersToATime) {
    const TopicName topic = make_topic("topic", 4);
    const Timestamp between = old_and_new(topic);
    std::vector<Member> members;
    members.push_back(subscribe(topic));
    members.push_back(subscribe(topic));
    EXPECT_EQ(consume(topic, members, 20).size(), 20U);
    SubscribeOptions mover = options(topic);
    mover.reset = AtTime{between};
    members.push_back(subscribe(mover));
    EXPECT_EQ(consume(topic, members, 10), numbered("new", 10));
    publish(messages(topic, 5, "later"));
    EXPECT_EQ(consume(topic, members, 5), numbered("later", 5));
}

TEST_F(MoveTest, AMemberThatJoinsMovesTheOthersBehindAnId) {
    const TopicName topic = make_topic("topic", 1);
    publish(messages(topic, 10));
    const Events events = read_all(*broker().reader({.topic = topic}));
    ASSERT_EQ(events.size(), 10U);
    std::vector<Member> members;
    members.push_back(subscribe(topic));
    EXPECT_EQ(consume(topic, members, 10).size(), 10U);
    SubscribeOptions mover = options(topic);
    mover.reset = AfterId{id_of(events[5], 1)};
    members.push_back(subscribe(mover));
    EXPECT_EQ(consume(topic, members, 4), numbered("e", 4, 6));
}

TEST_F(MoveTest, WhatIsAcknowledgedLaterDoesNotUndoIt) {
    const TopicName topic = make_topic("topic", 4);
    const Timestamp between = old_and_new(topic);
    std::vector<Member> members;
    members.push_back(subscribe(topic));
    const Events held = receive(*members[0], 20);
    ASSERT_EQ(held.size(), 20U);
    admin().move_group(topic, GroupName("group"), AtTime{between});
    acknowledge(*members[0], held);
    EXPECT_EQ(group_lag(topic), 10U);
    EXPECT_EQ(consume(topic, members, 10), numbered("new", 10));
}

TEST_F(MoveTest, MovesAheadOverWhatIsHeld) {
    const TopicName topic = make_topic("topic", 4);
    static_cast<void>(old_and_new(topic));
    std::vector<Member> members;
    members.push_back(subscribe(topic));
    const Events held = members[0]->poll(5, patience);
    ASSERT_FALSE(held.empty());
    admin().move_group(topic, GroupName("group"), Latest{});
    EXPECT_EQ(group_lag(topic), 0U);
    EXPECT_TRUE(glimpse(*members[0]).empty());
    acknowledge(*members[0], held);
    publish(messages(topic, 5, "later"));
    EXPECT_EQ(consume(topic, members, 5), numbered("later", 5));
}

TEST_F(MoveTest, AMemberOfAnotherProcessGoesOnFromThere) {
    if (!backend().features.processes) GTEST_SKIP() << "other processes cannot reach it";
    const TopicName topic = make_topic("topic", 4);
    const Timestamp between = old_and_new(topic);
    const Baton finish;
    std::string last_id = id_of(read_all(*broker().reader({.topic = topic})).back(), 4);
    Child other([&] {
        const auto connection = store().connect();
        const Member member = connection->subscribe(options(topic));
        std::atomic<bool> over = false;
        std::jthread waiter([&] {
            EXPECT_TRUE(finish.wait());
            over = true;
            member->wake();
        });
        std::vector<std::string> seen;
        while (!over) {
            const Events events = member->poll(3, patience);
            for (const std::string& payload : texts(events)) seen.push_back(payload);
            acknowledge(*member, events);
        }
        EXPECT_EQ(seen.size(), 20U + 10U + 20U);
        EXPECT_EQ(std::ranges::count(seen, "new3"), 3);
        EXPECT_EQ(std::ranges::count(seen, "old3"), 2);
    });
    const auto settles = [&] {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        const auto is_done = [&] { return !admin().groups(topic).empty() && group_lag(topic) == 0; };
        while (!is_done() && std::chrono::steady_clock::now() < deadline)
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        return is_done();
    };
    EXPECT_TRUE(settles());
    admin().move_group(topic, GroupName("group"), AtTime{between});
    EXPECT_TRUE(settles());
    admin().move_group(topic, GroupName("group"), Earliest{});
    EXPECT_TRUE(settles());
    admin().move_group(topic, GroupName("group"), AfterId{last_id});
    EXPECT_TRUE(settles());
    finish.pass();
    EXPECT_EQ(other.exit_code(), 0);
}

}  // namespace

}  // namespace eventbus::conformance
