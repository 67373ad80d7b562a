#include "fixture.hpp"

namespace eventbus::conformance {

namespace {

class NamesTest : public Conformance {};

TEST_F(NamesTest, ATopicMayHaveAnyAllowedName) {
    std::vector<std::string> names{"a",
                                   "A",
                                   "0",
                                   "-",
                                   "_",
                                   "...",
                                   "Open-edX_learning.student.v1",
                                   "a.b",
                                   "a_b",
                                   "a-b",
                                   "SELECT",
                                   "sqlite_master",
                                   "events_1",
                                   std::string(249, 'x')};
    if (!backend().features.tells_dots_from_underscores) std::erase(names, "a_b");
    for (const std::string& name : names) publish({TopicName(name), "of " + name});
    std::vector<std::string> listed;
    for (const TopicInfo& info : admin().topics()) listed.push_back(info.name.str());
    EXPECT_EQ(listed, sorted(names));
    for (const std::string& name : names) {
        const Events events = receive(*subscribe(TopicName(name)), 1);
        ASSERT_EQ(events.size(), 1U) << name;
        EXPECT_EQ(text(events[0]), "of " + name);
        EXPECT_EQ(events[0].topic.str(), name);
    }
}

TEST_F(NamesTest, AGroupMayHaveAnyAllowedName) {
    const TopicName topic = make_topic();
    publish({topic, "event"});
    std::vector<std::string> names{"g",
                                   "G",
                                   " ",
                                   "with space",
                                   "'; DROP TABLE topics; --",
                                   "\"quoted\" {} * % \\",
                                   "Größe 大小 🚌",
                                   std::string(255, 'g')};
    if (!backend().features.groups_of_spaces) std::erase(names, " ");
    for (const std::string& name : names) {
        {
            const Member member = subscribe(topic, name);
            const Events events = receive(*member, 1);
            ASSERT_EQ(events.size(), 1U) << name;
            acknowledge(*member, events);
        }
        EXPECT_EQ(group_lag(topic, name), 0U) << name;
    }
    std::vector<std::string> listed;
    for (const GroupInfo& info : admin().groups(topic)) listed.push_back(info.name.str());
    EXPECT_EQ(sorted(listed), sorted(names));
}

TEST_F(NamesTest, MembersHaveTheNameTheyAreGiven) {
    const TopicName topic = make_topic();
    SubscribeOptions chosen = options(topic);
    chosen.member = "worker 'one' @ host-ä";
    std::vector<Member> members;
    members.push_back(subscribe(chosen));
    settle(topic, members);
    EXPECT_EQ(group_info(topic).partitions.at(0).owner, chosen.member);
}

TEST_F(NamesTest, MembersOfOneNameAreTwoMembers) {
    const TopicName topic = make_topic("topic", 2);
    SubscribeOptions chosen = options(topic);
    chosen.member = "twin";
    std::vector<Member> members;
    members.push_back(subscribe(chosen));
    members.push_back(subscribe(chosen));
    settle(topic, members);
    publish(messages(topic, 20));
    std::size_t count = 0;
    const auto take = [&](std::size_t, Subscription& member, const Events& events) {
        count += events.size();
        acknowledge(member, events);
    };
    EXPECT_TRUE(poll_in_turn(members, take, [&] { return count >= 20; }));
    EXPECT_EQ(count, 20U);
}

TEST_F(NamesTest, TopicsAndGroupsOfOneNameAreTwoThings) {
    const TopicName one = make_topic("same");
    const TopicName two = make_topic("other");
    publish({one, "in one"});
    publish({two, "in two"});
    std::vector<Member> members;
    members.push_back(subscribe(one, "same"));
    acknowledge(*members[0], receive(*members[0], 1));
    members.push_back(subscribe(two, "same"));
    Events seen;
    const auto take = [&](std::size_t member, Subscription&, const Events& events) {
        EXPECT_EQ(member, 1U);
        seen.insert(seen.end(), events.begin(), events.end());
    };
    EXPECT_TRUE(poll_in_turn(members, take, [&] { return !seen.empty(); }));
    EXPECT_EQ(texts(seen), (std::vector<std::string>{"in two"}));
}

}  // namespace

}  // namespace eventbus::conformance
