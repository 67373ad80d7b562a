#include "eventbus/bus/event_lanes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>
#include <optional>
#include <string>
#include <vector>

namespace eventbus::bus_test {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;

class EventLanesTest : public ::testing::Test {
  protected:
    HeldEvent held(std::uint64_t offset, std::optional<std::string> key,
                   const std::string& topic = "topic") const {
        ReceivedEvent event{.topic = TopicName(topic),
                            .position = {Partition{0}, {offset, 0}},
                            .position_text = std::to_string(offset),
                            .metadata = {},
                            .unusable = {},
                            .key = std::move(key),
                            .payload = {},
                            .writer_schema = {},
                            .headers = {}};
        return {.event = std::move(event), .receipt = {&topic_, {Partition{0}, {offset, 0}}}};
    }

    /// Offsets of what may be handled now.
    std::vector<std::uint64_t> take_all(EventLanes::Time now) {
        std::vector<std::uint64_t> offsets;
        while (EventLanes::Lane* lane = lanes_.take(now)) {
            offsets.push_back(EventLanes::first(*lane).event.position.offset.number);
            taken_.push_back(lane);
        }
        return offsets;
    }

    void add(HeldEvent held) {
        std::list<HeldEvent> events;
        events.push_back(std::move(held));
        lanes_.add(std::move(events));
    }

    /// The offset of the event that is finished.
    std::uint64_t finish(EventLanes::Lane& lane) {
        std::list<HeldEvent> finished;
        lanes_.finish(lane, finished);
        return finished.back().event.position.offset.number;
    }

    const TopicName topic_{"topic"};
    const EventLanes::Time now_{std::chrono::hours(1)};
    EventLanes lanes_;
    std::vector<EventLanes::Lane*> taken_;
};

TEST_F(EventLanesTest, OneEventOfEachKeyMayBeHandledAtATime) {
    for (std::uint64_t i = 0; i < 6; ++i) add(held(i, i % 2 == 0 ? "even" : "odd"));
    EXPECT_EQ(lanes_.size(), 6U);
    EXPECT_THAT(take_all(now_), ElementsAre(0, 1));
    EXPECT_EQ(finish(*taken_[1]), 1U);
    EXPECT_THAT(take_all(now_), ElementsAre(3));
    finish(*taken_[0]);
    EXPECT_THAT(take_all(now_), ElementsAre(2));
    EXPECT_EQ(lanes_.size(), 4U);
}

TEST_F(EventLanesTest, EventsWithoutAKeyDoNotWaitForEachOther) {
    add(held(0, std::nullopt));
    add(held(1, std::nullopt));
    add(held(2, ""));
    add(held(3, ""));
    EXPECT_THAT(take_all(now_), ElementsAre(0, 1, 2));
}

TEST_F(EventLanesTest, KeysThatLookLikeNamesOfLanesAreKeys) {
    add(held(7, std::nullopt));
    add(held(8, "/at/0:7/0"));
    add(held(9, "at/0:7/0"));
    EXPECT_THAT(take_all(now_), ElementsAre(7, 8, 9));
}

TEST_F(EventLanesTest, EqualKeysOfTwoTopicsAreTwoLanes) {
    add(held(0, "key", "ant"));
    add(held(1, "key", "bee"));
    EXPECT_THAT(take_all(now_), ElementsAre(0, 1));
}

TEST_F(EventLanesTest, WhatIsPutOffKeepsItsLaneUntilItIsDue) {
    add(held(0, "a"));
    add(held(1, "a"));
    add(held(2, "b"));
    EXPECT_THAT(take_all(now_), ElementsAre(0, 2));
    lanes_.put_off(*taken_[0], now_ + milliseconds{5});
    finish(*taken_[1]);
    EXPECT_EQ(lanes_.next_due(), now_ + milliseconds{5});
    EXPECT_THAT(take_all(now_ + milliseconds{4}), ElementsAre());
    EXPECT_TRUE(lanes_.is_occupied(held(9, "a").event));
    EXPECT_FALSE(lanes_.is_occupied(held(9, "b").event));
    EXPECT_THAT(take_all(now_ + milliseconds{5}), ElementsAre(0));
    EXPECT_EQ(lanes_.next_due(), std::nullopt);
    finish(*taken_[2]);
    EXPECT_THAT(take_all(now_), ElementsAre(1));
}

TEST_F(EventLanesTest, AnEventThatWasTriedIsPutInFirst) {
    lanes_.add_put_off(held(0, "a"), now_ + milliseconds{5});
    add(held(1, "a"));
    EXPECT_THAT(take_all(now_), ElementsAre());
    EXPECT_THAT(take_all(now_ + milliseconds{5}), ElementsAre(0));
    finish(*taken_[0]);
    EXPECT_THAT(take_all(now_), ElementsAre(1));
    finish(*taken_[1]);
    EXPECT_EQ(lanes_.size(), 0U);
    EXPECT_FALSE(lanes_.is_occupied(held(9, "a").event));
}

}  // namespace
}  // namespace eventbus::bus_test
