#include <algorithm>
#include <map>
#include <set>
#include <thread>

#include "fixture.hpp"

namespace eventbus::conformance {

namespace {

class GroupTest : public Conformance {
  protected:
    std::vector<Member> settled(const TopicName& topic, std::size_t count) {
        std::vector<Member> members;
        for (std::size_t i = 0; i < count; ++i) members.push_back(subscribe(topic));
        settle(topic, members);
        return members;
    }

    /// Polls the members until so many events are there, and acknowledges them: texts by member.
    std::vector<std::vector<std::string>> drain(std::vector<Member>& members, std::size_t count) {
        std::vector<std::vector<std::string>> received(members.size());
        std::size_t total = 0;
        const auto take = [&](std::size_t index, Subscription& member, const Events& events) {
            for (const ReceivedEvent& event : events) received[index].push_back(text(event));
            total += events.size();
            acknowledge(member, events);
        };
        EXPECT_TRUE(poll_in_turn(members, take, [&] { return total >= count; }))
            << total << " of " << count << " events came";
        return received;
    }

    static std::vector<std::string> flat(const std::vector<std::vector<std::string>>& parts) {
        std::vector<std::string> all;
        for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
        return sorted(all);
    }
};

TEST_F(GroupTest, AMemberThatWasAtItsLimitGoesOnWhenAnotherCame) {
    const TopicName topic = make_topic("topic", 2);
    publish(messages(topic, 20));
    SubscribeOptions chosen = options(topic);
    chosen.prefetch = 3;
    std::vector<Member> members;
    members.push_back(subscribe(chosen));
    const Events held = receive(*members[0], 3);
    const auto stay_at_limit = [&] {
        const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(1'500);
        while (std::chrono::steady_clock::now() < until) EXPECT_TRUE(glimpse(*members[0]).empty());
    };
    stay_at_limit();
    members.push_back(subscribe(chosen));
    stay_at_limit();
    acknowledge(*members[0], held);
    EXPECT_EQ(flat(drain(members, 17)).size(), 17U);
}

TEST_F(GroupTest, MembersShareThePartitions) {
    if (!backend().features.partitions) GTEST_SKIP() << "there is one partition";
    const TopicName topic = make_topic("topic", 8);
    for (const std::size_t count : {1U, 2U, 3U, 8U}) {
        const auto members = settled(topic, count);
        for (const Member& member : members) EXPECT_GE(member->lag().size(), 8 / count) << count;
    }
}

TEST_F(GroupTest, EachEventGoesToOneMember) {
    const TopicName topic = make_topic("topic", 6);
    auto members = settled(topic, 3);
    publish(messages(topic, 300));
    const auto received = drain(members, 300);
    EXPECT_EQ(flat(received), sorted(numbered("e", 300)));
    if (backend().features.partitions) {
        for (const auto& part : received) EXPECT_GE(part.size(), 50U);
    }
    EXPECT_EQ(group_lag(topic), 0U);
}

TEST_F(GroupTest, MoreMembersThanPartitionsWait) {
    const TopicName topic = make_topic("topic", 2);
    auto members = settled(topic, 4);
    publish(messages(topic, 40));
    EXPECT_EQ(flat(drain(members, 40)), sorted(numbered("e", 40)));
    members.resize(3);
    settle(topic, members);
    publish(messages(topic, 40, "f"));
    EXPECT_EQ(flat(drain(members, 40)), sorted(numbered("f", 40)));
}

TEST_F(GroupTest, ANewMemberGetsItsShareOnlyAfterAllIsAcknowledged) {
    if (!backend().features.partitions) GTEST_SKIP() << "there is one partition";
    const TopicName topic = make_topic("topic", 2);
    publish(messages(topic, 20));
    std::vector<Member> members;
    members.push_back(subscribe(topic));
    const Events held = receive(*members[0], 20);
    ASSERT_EQ(held.size(), 20U);

    members.push_back(subscribe(topic));
    const auto refuse = [](std::size_t, Subscription&, const Events& events) {
        ADD_FAILURE() << "handed over too early: " << text(events.front());
    };
    const auto until = std::chrono::steady_clock::now() + 3 * glance;
    EXPECT_TRUE(poll_in_turn(members, refuse, [&] { return std::chrono::steady_clock::now() > until; }));
    EXPECT_TRUE(members[1]->lag().empty());

    acknowledge(*members[0], std::span(held).first(19));
    acknowledge(*members[0], held.back());
    settle(topic, members);
    publish(messages(topic, 20, "f"));
    const auto received = drain(members, 20);
    EXPECT_EQ(flat(received), sorted(numbered("f", 20)));
    EXPECT_FALSE(received[0].empty());
    EXPECT_FALSE(received[1].empty());
}

TEST_F(GroupTest, AMemberThatDrainsGetsNothingNewOfWhatItGivesUp) {
    if (!backend().features.partitions) GTEST_SKIP() << "there is one partition";
    const TopicName topic = make_topic("topic", 2);
    publish(messages(topic, 10));
    std::vector<Member> members;
    members.push_back(subscribe(topic));
    Events held = receive(*members[0], 10);
    ASSERT_EQ(held.size(), 10U);
    members.push_back(subscribe(topic));
    const auto notice = std::max(glance, backend().features.time_to_notice_members);
    EXPECT_TRUE(members[0]->poll(1000, notice).empty());
    publish(messages(topic, 10, "f"));
    std::set<Partition> still_fed;
    for (const ReceivedEvent& event : glimpse(*members[0])) {
        still_fed.insert(event.position.partition);
        held.push_back(event);
    }
    EXPECT_LE(still_fed.size(), 1U);
    acknowledge(*members[0], held);
    const std::size_t rest = 20 - held.size();
    EXPECT_EQ(flat(drain(members, rest)).size(), rest);
    EXPECT_EQ(group_lag(topic), 0U);
}

TEST_F(GroupTest, AMemberThatLeavesGivesItsPartitionsToOthers) {
    const TopicName topic = make_topic("topic", 4);
    auto members = settled(topic, 2);
    publish(messages(topic, 40));
    Events held;
    while (held.empty()) held = members[0]->poll(1000, glance);
    members[0]->close();
    members.erase(members.begin());
    EXPECT_EQ(flat(drain(members, 40)), sorted(numbered("e", 40)));
    settle(topic, members);
    EXPECT_EQ(group_lag(topic), 0U);
}

TEST_F(GroupTest, WhatWasAcknowledgedBeforeLeavingIsFinished) {
    const TopicName topic = make_topic();
    publish(messages(topic, 10));
    Member leaver = subscribe(topic);
    const Events held = receive(*leaver, 10);
    ASSERT_EQ(held.size(), 10U);
    acknowledge(*leaver, std::span(held).first(6));
    std::vector<Member> members;
    members.push_back(subscribe(topic));
    leaver.reset();
    EXPECT_EQ(flat(drain(members, 4)), numbered("e", 4, 6));
}

TEST_F(GroupTest, AcknowledgingWhatWentToAnotherDoesNothing) {
    const TopicName topic = make_topic();
    publish(messages(topic, 5));
    Member leaver = subscribe(topic);
    const Events held = receive(*leaver, 5);
    ASSERT_EQ(held.size(), 5U);
    leaver->close();
    const Member heir = subscribe(topic);
    const Events again = receive(*heir, 5);
    EXPECT_EQ(texts(again), numbered("e", 5));
    acknowledge(*leaver, held);
    EXPECT_EQ(group_lag(topic), 5U);
    acknowledge(*heir, again);
    EXPECT_EQ(group_lag(topic), 0U);
}

TEST_F(GroupTest, AClosedMemberCanOnlyBeClosed) {
    const TopicName topic = make_topic();
    const Member member = subscribe(topic);
    member->close();
    member->close();
    member->wake();
    EXPECT_TRUE(member->lag().empty());
    EXPECT_THROW(static_cast<void>(member->poll(1, glance)), BrokerError);
}

TEST_F(GroupTest, MembersThatComeAndGoLoseNothing) {
    const TopicName topic = make_topic("topic", 4);
    constexpr std::size_t rounds = 12;
    constexpr std::size_t events_of_round = 50;
    std::vector<Member> members;
    members.push_back(subscribe(topic));
    std::map<std::string, int> seen;
    const auto take = [&](std::size_t, Subscription& member, const Events& events) {
        for (const ReceivedEvent& event : events) ++seen[text(event)];
        acknowledge(member, events);
    };
    for (std::size_t round = 0; round < rounds; ++round) {
        publish(messages(topic, events_of_round, "r" + std::to_string(round) + "-"));
        if (round % 3 == 2)
            members.erase(members.begin());
        else
            members.push_back(subscribe(topic));
        int turns = 0;
        EXPECT_TRUE(poll_in_turn(members, take, [&] { return ++turns > 5; }));
    }
    EXPECT_TRUE(poll_in_turn(members, take, [&] { return seen.size() == rounds * events_of_round; }));
    for (const auto& [event, times] : seen) EXPECT_EQ(times, 1) << event;
    EXPECT_EQ(group_lag(topic), 0U);
}

TEST_F(GroupTest, OrderByKeySurvivesRebalancing) {
    const TopicName topic = make_topic("topic", 4);
    constexpr std::size_t keys = 16;
    constexpr std::size_t events_of_key = 40;
    std::vector<Member> members;
    members.push_back(subscribe(topic));
    std::map<std::string, std::vector<std::string>> seen;
    std::size_t total = 0;
    const auto take = [&](std::size_t, Subscription& member, const Events& events) {
        for (const ReceivedEvent& event : events) seen[event.key.value()].push_back(text(event));
        total += events.size();
        acknowledge(member, events);
    };
    for (std::size_t i = 0; i < events_of_key; ++i) {
        std::vector<Message> batch;
        for (std::size_t key = 0; key < keys; ++key)
            batch.push_back({topic, "e" + std::to_string(i), "key " + std::to_string(key)});
        publish(batch);
        if (i % 10 == 3) members.push_back(subscribe(topic));
        if (i % 10 == 8) members.erase(members.begin());
        int turns = 0;
        EXPECT_TRUE(poll_in_turn(members, take, [&] { return ++turns > 2; }));
    }
    EXPECT_TRUE(poll_in_turn(members, take, [&] { return total >= keys * events_of_key; }));
    ASSERT_EQ(seen.size(), keys);
    for (const auto& [key, arrived] : seen) EXPECT_EQ(arrived, numbered("e", events_of_key)) << key;
}

TEST_F(GroupTest, MembersMaySubscribeDifferentTopics) {
    const TopicName one = make_topic("one", 2);
    const TopicName two = make_topic("two", 2);
    std::vector<Member> members;
    SubscribeOptions both = options(one);
    both.topics.push_back(two);
    members.push_back(subscribe(both));
    members.push_back(subscribe(two));
    publish(messages(one, 20, "one"));
    publish(messages(two, 20, "two"));
    const auto received = drain(members, 40);
    std::vector<std::string> expected = numbered("one", 20);
    for (const std::string& value : numbered("two", 20)) expected.push_back(value);
    EXPECT_EQ(flat(received), sorted(expected));
    for (const std::string& value : received[1]) EXPECT_EQ(value.substr(0, 3), "two");
}

TEST_F(GroupTest, ATopicNamedTwiceIsReadOnce) {
    const TopicName topic = make_topic("topic", 2);
    SubscribeOptions twice = options(topic);
    twice.topics.push_back(topic);
    std::vector<Member> members;
    members.push_back(subscribe(twice));
    publish(messages(topic, 10));
    EXPECT_EQ(flat(drain(members, 10)), sorted(numbered("e", 10)));
    EXPECT_TRUE(glimpse(*members[0]).empty());
    EXPECT_EQ(group_lag(topic), 0U);
}

TEST_F(GroupTest, ABusyTopicDoesNotStarveTheOthers) {
    if (!backend().features.reads_topics_in_turn) GTEST_SKIP() << "what is fetched first is read first";
    const TopicName busy = make_topic("busy");
    const TopicName quiet = make_topic("quiet");
    publish(messages(busy, 2000));
    publish({quiet, "quiet"});
    SubscribeOptions both = options(busy);
    both.topics.push_back(quiet);
    const Member member = subscribe(both);
    bool found = false;
    for (int polls = 0; polls < 10 && !found; ++polls) {
        const Events events = member->poll(20, patience);
        acknowledge(*member, events);
        for (const ReceivedEvent& event : events) found = found || event.topic == quiet;
    }
    EXPECT_TRUE(found);
}

TEST_F(GroupTest, AMemberThatDoesNotPollKeepsItsPartitions) {
    if (!backend().features.members_never_expire) GTEST_SKIP() << "a silent member is taken for dead";
    const TopicName topic = make_topic("topic", 2);
    auto members = settled(topic, 2);
    publish(messages(topic, 20));
    Events held;
    while (held.empty()) held = members[0]->poll(1000, glance);
    std::vector<std::string> other;
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(2500);
    while (std::chrono::steady_clock::now() < until) {
        const Events events = members[1]->poll(1000, glance);
        for (const ReceivedEvent& event : events) other.push_back(text(event));
        acknowledge(*members[1], events);
    }
    EXPECT_EQ(other.size() + held.size(), 20U);
    acknowledge(*members[0], held);
    EXPECT_EQ(group_lag(topic), 0U);
}

}  // namespace

}  // namespace eventbus::conformance
