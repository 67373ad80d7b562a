#include "eventbus/broker/assignment.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <random>

namespace eventbus {

namespace {

using Owners = std::vector<std::string>;

std::vector<Ownership> view_of(const Owners& owners, const std::string& self) {
    std::vector<Ownership> view;
    for (const std::string& owner : owners)
        view.push_back(owner.empty() ? Ownership::free : owner == self ? Ownership::mine : Ownership::other);
    return view;
}

/// Lets members act one after the other until nobody moves anything; returns how many partitions moved.
int settle(const std::string& topic, const std::vector<std::string>& members, Owners& owners) {
    int moves = 0;
    for (int round = 0; round < 100; ++round) {
        bool moved = false;
        for (const std::string& self : members) {
            const auto step = next_step(topic, members, self, view_of(owners, self));
            for (const std::int32_t index : step.give_up) {
                EXPECT_EQ(owners.at(static_cast<std::size_t>(index)), self);
                owners[static_cast<std::size_t>(index)].clear();
            }
            for (const std::int32_t index : step.take) {
                EXPECT_TRUE(owners.at(static_cast<std::size_t>(index)).empty());
                owners[static_cast<std::size_t>(index)] = self;
                ++moves;
            }
            moved = moved || !step.give_up.empty() || !step.take.empty();
        }
        if (!moved) return moves;
    }
    ADD_FAILURE() << "it never comes to rest";
    return moves;
}

std::map<std::string, std::size_t> shares_of(const Owners& owners) {
    std::map<std::string, std::size_t> shares;
    for (const std::string& owner : owners) ++shares[owner];
    return shares;
}

std::vector<std::string> members_of(std::size_t count) {
    std::vector<std::string> members;
    for (std::size_t i = 0; i < count; ++i) members.push_back(std::to_string(i + 1));
    return members;
}

void expect_fair(const Owners& owners, std::size_t members) {
    const auto shares = shares_of(owners);
    EXPECT_FALSE(shares.contains("")) << "a partition has no owner";
    for (const auto& [member, share] : shares) {
        EXPECT_GE(share, owners.size() / members);
        EXPECT_LE(share, (owners.size() + members - 1) / members);
    }
    EXPECT_EQ(shares.size(), std::min(members, owners.size()));
}

TEST(NextStep, AloneTakesEverything) {
    Owners owners(5);
    EXPECT_EQ(settle("topic", {"me"}, owners), 5);
    EXPECT_EQ(owners, Owners(5, "me"));
}

TEST(NextStep, AnyNumbersComeToRestFairly) {
    for (std::size_t partitions = 1; partitions <= 16; ++partitions) {
        for (std::size_t count = 1; count <= 9; ++count) {
            Owners owners(partitions);
            settle("topic", members_of(count), owners);
            expect_fair(owners, count);
        }
    }
}

TEST(NextStep, AJoiningMemberMovesOnlyItsShare) {
    for (std::size_t count = 1; count <= 8; ++count) {
        Owners owners(12);
        settle("topic", members_of(count), owners);
        const int moves = settle("topic", members_of(count + 1), owners);
        expect_fair(owners, count + 1);
        EXPECT_LE(moves, 12 / static_cast<int>(count + 1) + 1);
    }
}

TEST(NextStep, ALeavingMemberMovesOnlyItsShare) {
    for (std::size_t count = 2; count <= 8; ++count) {
        Owners owners(12);
        auto members = members_of(count);
        settle("topic", members, owners);
        const std::string gone = members.front();
        members.erase(members.begin());
        const auto freed = static_cast<int>(std::count(owners.begin(), owners.end(), gone));
        std::replace(owners.begin(), owners.end(), gone, std::string());
        EXPECT_EQ(settle("topic", members, owners), freed);
        expect_fair(owners, count - 1);
    }
}

TEST(NextStep, TakesNothingThatAnotherOwns) {
    const auto step = next_step("topic", members_of(2), "1", view_of({"2", "2", "2", "2"}, "1"));
    EXPECT_TRUE(step.take.empty());
    EXPECT_TRUE(step.give_up.empty());
}

TEST(NextStep, TheOrderOfTheMembersDoesNotMatter) {
    const auto forwards = members_of(5);
    const std::vector<std::string> backwards(forwards.rbegin(), forwards.rend());
    for (const std::string& self : forwards) {
        const auto view = view_of(Owners(7), self);
        EXPECT_EQ(next_step("topic", forwards, self, view).take,
                  next_step("topic", backwards, self, view).take);
    }
}

TEST(NextStep, TopicsOfOnePartitionSpreadOverTheMembers) {
    std::map<std::string, int> owned;
    const auto members = members_of(4);
    for (int topic = 0; topic < 200; ++topic) {
        Owners owners(1);
        settle("topic-" + std::to_string(topic), members, owners);
        ++owned[owners[0]];
    }
    for (const std::string& member : members) EXPECT_GT(owned[member], 20) << member;
}

TEST(NextStep, MembersThatComeAndGoAlwaysComeToRest) {
    const auto seed = std::random_device{}();
    std::printf("seed %u\n", seed);
    std::mt19937 random(seed);
    Owners owners(11);
    std::vector<std::string> members{"0"};
    for (int round = 1; round < 300; ++round) {
        if (members.size() > 1 && random() % 2 == 0) {
            const std::string gone = members[random() % members.size()];
            members.erase(std::find(members.begin(), members.end(), gone));
            std::replace(owners.begin(), owners.end(), gone, std::string());
        } else {
            members.push_back(std::to_string(round));
        }
        settle("topic", members, owners);
        expect_fair(owners, members.size());
    }
}

}  // namespace

}  // namespace eventbus
