#include "eventbus/bus/testing.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "eventbus/catalogue/learning.hpp"
#include "fixture.hpp"

namespace eventbus::bus_test {
namespace {

using kettle::KETTLE_BOILED;
using kettle::KETTLE_EMPTIED;
using ::testing::IsEmpty;

class TestingTest : public BusTest {};

TEST_F(TestingTest, IsolationLeavesOnlyTheNamedSignalsAndUndoesOnlyWhatItDid) {
    Bus bus(options({}));
    bus.disable(learning::COURSE_ENROLLMENT_CREATED);
    {
        const EventIsolation isolation(bus, KETTLE_BOILED, learning::COURSE_ENROLLMENT_CREATED);
        EXPECT_TRUE(bus.is_enabled(KETTLE_BOILED));
        EXPECT_FALSE(bus.is_enabled(KETTLE_EMPTIED));
        EXPECT_FALSE(bus.is_enabled(learning::COURSE_ENROLLMENT_CREATED));
        {
            const EventIsolation inner(bus);
            EXPECT_FALSE(bus.is_enabled(KETTLE_BOILED));
        }
        EXPECT_TRUE(bus.is_enabled(KETTLE_BOILED));
        EXPECT_FALSE(bus.is_enabled(KETTLE_EMPTIED));
    }
    EXPECT_TRUE(bus.is_enabled(KETTLE_EMPTIED));
    EXPECT_FALSE(bus.is_enabled(learning::COURSE_ENROLLMENT_CREATED));
}

TEST_F(TestingTest, ARecorderRecordsWhatIsSentAndReceivedWhileItLives) {
    Bus bus(options({}));
    {
        EventRecorder recorder(bus, KETTLE_BOILED);
        const SendReport report = bus.send(KETTLE_BOILED, boiled("sent"));
        bus.handle(received(KETTLE_BOILED, boiled("received")));
        const auto events = recorder.events();
        ASSERT_EQ(events.size(), 2U);
        EXPECT_EQ(events[0].data, boiled("sent"));
        EXPECT_EQ(events[0].metadata, report.metadata);
        EXPECT_FALSE(events[0].from_bus);
        EXPECT_EQ(events[1].data, boiled("received"));
        EXPECT_TRUE(events[1].from_bus);
        recorder.clear();
        EXPECT_EQ(recorder.size(), 0U);
    }
    EXPECT_THAT(bus.send(KETTLE_BOILED, boiled("unseen")).handlers, IsEmpty());
}

TEST_F(TestingTest, SeveralRecordersOfASignalHaveNames) {
    Bus bus(options({}));
    const EventRecorder first(bus, KETTLE_BOILED);
    const EventRecorder second(bus, KETTLE_BOILED, "second");
    bus.send(KETTLE_BOILED, boiled("kitchen"));
    EXPECT_EQ(first.size(), 1U);
    EXPECT_EQ(second.size(), 1U);
}

TEST_F(TestingTest, ARecorderWaitsForEventsOfOtherThreads) {
    Bus bus(options({}));
    const EventRecorder recorder(bus, KETTLE_BOILED);
    EXPECT_FALSE(recorder.wait_for(1, std::chrono::milliseconds{5}));
    const std::jthread sender([&] {
        for (int i = 0; i < 3; ++i) bus.send(KETTLE_BOILED, boiled("kitchen", i));
    });
    EXPECT_TRUE(recorder.wait_for(3, patience));
}

}  // namespace
}  // namespace eventbus::bus_test
