#include "eventbus/broker/kafka/assignment.hpp"

#include <gtest/gtest.h>

namespace eventbus::kafka_topics {
namespace {

const TopicName topic{"t"};

Receipt receipt(std::uint64_t offset, std::int32_t partition = 0) {
    return {&topic, {Partition{partition}, {offset, 0}}};
}

void finish(Assignment& assignment, std::uint64_t offset, std::int32_t partition = 0) {
    const Receipt one = receipt(offset, partition);
    assignment.finish(std::span(&one, 1));
}

/// The position to commit of a partition; -1 when there is none.
std::int64_t to_commit(const Assignment& assignment, std::int32_t partition = 0) {
    for (const auto& each : assignment.to_commit())
        if (each.partition == partition) return each.offset;
    return -1;
}

kafka::Partitions only(std::int32_t partition) {
    kafka::Partitions list;
    list.add("t", partition);
    return list;
}

TEST(KafkaAssignmentTest, APositionThatNobodyCommittedIsToBeCommittedAtOnce) {
    Assignment assignment;
    assignment.add("t", 0, 5, false);
    assignment.add("t", 1, 7, true);
    EXPECT_EQ(to_commit(assignment, 0), 5);
    EXPECT_EQ(to_commit(assignment, 1), -1);
    assignment.note_committed(assignment.to_commit());
    EXPECT_EQ(to_commit(assignment, 0), -1);
}

TEST(KafkaAssignmentTest, APositionNeverPassesWhatIsNotFinished) {
    Assignment assignment;
    assignment.add("t", 0, 5, true);
    for (const std::int64_t offset : {5, 6, 9}) EXPECT_TRUE(assignment.hand_out("t", 0, offset).done);
    EXPECT_EQ(assignment.outstanding(), 3U);
    finish(assignment, 9);
    finish(assignment, 6);
    EXPECT_EQ(to_commit(assignment), -1);
    finish(assignment, 5);
    EXPECT_EQ(to_commit(assignment), 10);
    EXPECT_EQ(assignment.outstanding(), 0U);
}

TEST(KafkaAssignmentTest, TellsWhatWasToComeNext) {
    Assignment assignment;
    assignment.add("t", 0, 5, true);
    EXPECT_EQ(assignment.hand_out("t", 0, 8).expected, 5);
    EXPECT_EQ(assignment.hand_out("t", 0, 9).expected, 9);
}

TEST(KafkaAssignmentTest, WhatIsFinishedTwiceOrWasNeverHandedOutCountsOnce) {
    Assignment assignment;
    assignment.add("t", 0, 0, true);
    EXPECT_TRUE(assignment.hand_out("t", 0, 0).done);
    finish(assignment, 3);
    finish(assignment, 0, 4);
    EXPECT_EQ(assignment.outstanding(), 1U);
    finish(assignment, 0);
    finish(assignment, 0);
    EXPECT_EQ(assignment.outstanding(), 0U);
    EXPECT_EQ(to_commit(assignment), 1);
}

TEST(KafkaAssignmentTest, WhatIsToBeGivenUpIsFinishedFirstAndHandsOutNothingMore) {
    Assignment assignment;
    assignment.add("t", 0, 0, true);
    assignment.add("t", 1, 0, true);
    EXPECT_TRUE(assignment.hand_out("t", 0, 0).done);
    assignment.revoke(only(0));
    EXPECT_FALSE(assignment.hand_out("t", 0, 1).done);
    EXPECT_TRUE(assignment.hand_out("t", 1, 0).done);
    EXPECT_FALSE(assignment.is_finished(only(0)));
    finish(assignment, 0);
    EXPECT_TRUE(assignment.is_finished(only(0)));
    EXPECT_EQ(to_commit(assignment, 0), 1);
}

TEST(KafkaAssignmentTest, WhatIsGoneCountsNoMore) {
    Assignment assignment;
    assignment.add("t", 0, 0, true);
    assignment.add("t", 1, 0, true);
    EXPECT_TRUE(assignment.hand_out("t", 0, 0).done);
    EXPECT_TRUE(assignment.hand_out("t", 1, 0).done);
    assignment.remove(only(0));
    EXPECT_EQ(assignment.outstanding(), 1U);
    finish(assignment, 0);
    EXPECT_EQ(to_commit(assignment, 0), -1);
    EXPECT_FALSE(assignment.hand_out("t", 0, 1).done);
    ASSERT_EQ(assignment.owned().size(), 1U);
    EXPECT_EQ(assignment.owned().front().partition, 1);
    assignment.clear();
    EXPECT_EQ(assignment.outstanding(), 0U);
    EXPECT_TRUE(assignment.partitions().empty());
}

TEST(KafkaAssignmentTest, AfterAMoveWhatWasHandedOutBeforeDoesNotCount) {
    Assignment assignment;
    assignment.add("t", 0, 5, true);
    EXPECT_TRUE(assignment.hand_out("t", 0, 5).done);
    assignment.restart("t", 0, 2);
    EXPECT_EQ(assignment.outstanding(), 0U);
    finish(assignment, 5);
    EXPECT_EQ(to_commit(assignment), 2);
    EXPECT_TRUE(assignment.hand_out("t", 0, 2).done);
    finish(assignment, 2);
    EXPECT_EQ(to_commit(assignment), 3);
}

}  // namespace
}  // namespace eventbus::kafka_topics
