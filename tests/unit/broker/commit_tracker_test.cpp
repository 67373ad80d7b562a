#include "eventbus/broker/commit_tracker.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <random>
#include <set>
#include <vector>

namespace eventbus {

namespace {

Offset at(std::uint64_t number) { return {number, 0}; }

TEST(CommitTracker, StartsWhereItIsTold) {
    const CommitTracker tracker(at(7));
    EXPECT_EQ(tracker.position(), at(7));
    EXPECT_EQ(tracker.outstanding(), 0U);
}

TEST(CommitTracker, MovesBehindWhatIsFinished) {
    CommitTracker tracker(at(0));
    for (std::uint64_t i = 0; i < 4; ++i) tracker.hand_out(at(i));
    EXPECT_FALSE(tracker.finish(at(1)));
    EXPECT_FALSE(tracker.finish(at(2)));
    EXPECT_EQ(tracker.position(), at(0));
    EXPECT_TRUE(tracker.finish(at(0)));
    EXPECT_EQ(tracker.position(), at(3));
    EXPECT_EQ(tracker.outstanding(), 1U);
    EXPECT_TRUE(tracker.finish(at(3)));
    EXPECT_EQ(tracker.position(), at(4));
    EXPECT_EQ(tracker.outstanding(), 0U);
}

TEST(CommitTracker, PassesGaps) {
    CommitTracker tracker(at(10));
    tracker.hand_out(at(15));
    tracker.hand_out(at(40));
    EXPECT_EQ(tracker.position(), at(10));
    EXPECT_TRUE(tracker.finish(at(15)));
    EXPECT_EQ(tracker.position(), at(16));
    EXPECT_TRUE(tracker.finish(at(40)));
    EXPECT_EQ(tracker.position(), at(41));
}

TEST(CommitTracker, IgnoresWhatIsNotOutstanding) {
    CommitTracker tracker(at(0));
    EXPECT_FALSE(tracker.finish(at(0)));
    tracker.hand_out(at(0));
    tracker.hand_out(at(5));
    for (const std::uint64_t other : {1U, 4U, 6U}) EXPECT_FALSE(tracker.finish(at(other)));
    EXPECT_FALSE(tracker.finish(at(5)));
    EXPECT_FALSE(tracker.finish(at(5)));
    EXPECT_EQ(tracker.outstanding(), 1U);
    EXPECT_TRUE(tracker.finish(at(0)));
    EXPECT_FALSE(tracker.finish(at(0)));
    EXPECT_EQ(tracker.position(), at(6));
}

TEST(CommitTracker, NeverPassesAnUnfinishedEventInAnyOrder) {
    const auto seed = std::random_device{}();
    std::printf("seed %u\n", seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 200; ++round) {
        CommitTracker tracker(at(0));
        std::vector<std::uint64_t> offsets;
        std::uint64_t next = 0;
        for (int i = 0; i < 50; ++i) {
            next += 1 + random() % 3;
            offsets.push_back(next);
            tracker.hand_out(at(next));
        }
        std::set<std::uint64_t> unfinished(offsets.begin(), offsets.end());
        std::shuffle(offsets.begin(), offsets.end(), random);
        for (const std::uint64_t offset : offsets) {
            const Offset before = tracker.position();
            const bool moved = tracker.finish(at(offset));
            unfinished.erase(offset);
            EXPECT_EQ(moved, tracker.position() != before);
            EXPECT_EQ(tracker.outstanding(), unfinished.size());
            if (!unfinished.empty()) {
                ASSERT_LE(tracker.position(), at(*unfinished.begin()));
            }
        }
        EXPECT_EQ(tracker.position(), at(next + 1));
    }
}

}  // namespace

}  // namespace eventbus
