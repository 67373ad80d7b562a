#include <gtest/gtest.h>

#include <stdexcept>

#include "consuming.hpp"
#include "eventbus/bus/testing.hpp"
#include "fixture.hpp"

namespace eventbus::bus_test {
namespace {

using kettle::KETTLE_BOILED;
using kettle::KettleBoiled;
using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Consumers that do not come to their end soon after they were asked to.
class OverdueTest : public BusTest {
  protected:
    /// Stops a consumer whose handler waits at the gate, which opens when the consumer is overdue.
    ConsumeResult stop_late(const std::function<void()>& on_overdue = {}) {
        Bus bus(kettle_options());
        bus.send(KETTLE_BOILED, boiled("kitchen"));
        bus.connect(KETTLE_BOILED, "slow", [&](const KettleBoiled&) { gate_.pass(); });
        ConsumeOptions options = consume();
        options.stop_timeout = milliseconds{10};
        options.on_overdue = [&, on_overdue] {
            ++overdue_;
            gate_.open();
            if (on_overdue) on_overdue();
        };
        RunningConsumer running(bus, options);
        gate_.wait_for_arrival();
        return running.stop();
    }

    Gate gate_;
    std::atomic<int> overdue_ = 0;
};

TEST_F(OverdueTest, IsToldOnceAndLoggedWithTheEvent) {
    EXPECT_EQ(stop_late().handled, 1U);
    EXPECT_EQ(overdue_, 1);
    const ReceivedEvent event = stored("kettles").at(0);
    EXPECT_THAT(log_.lines(),
                ElementsAre(AllOf(HasSubstr("error: "), HasSubstr("within 10 ms"),
                                  HasSubstr("still handling org.example.kettle.boiled.v1"),
                                  HasSubstr(event.metadata.id.to_string()), HasSubstr("topic kettles"),
                                  HasSubstr("position " + event.position_text))));
}

TEST_F(OverdueTest, WhatTheTellingThrowsIsLogged) {
    stop_late([] { throw std::runtime_error("nobody home"); });
    EXPECT_THAT(log_.lines(), Contains(HasSubstr("nobody home")));
}

TEST_F(OverdueTest, IsLoggedWhenNobodyIsToBeTold) {
    Bus bus(kettle_options({{"EVENT_BUS_CONSUMER_STOP_TIMEOUT", "0.01"}}));
    bus.send(KETTLE_BOILED, boiled("kitchen"));
    bus.connect(KETTLE_BOILED, "slow", [&](const KettleBoiled&) { gate_.pass(); });
    RunningConsumer running(bus, consume());
    gate_.wait_for_arrival();
    running.request_stop();
    EXPECT_TRUE(wait_until([&] { return !log_.lines().empty(); }));
    gate_.open();
    EXPECT_EQ(running.stop().handled, 1U);
}

TEST_F(OverdueTest, ABrokerThatDoesNotAnswerIsSaidToBeTheReason) {
    faults_->close = [&] { gate_.pass(); };
    Bus bus(faulty_options());
    ConsumeOptions options = consume();
    options.stop_timeout = milliseconds{10};
    options.on_overdue = [&] { gate_.open(); };
    RunningConsumer running(bus, options);
    EXPECT_TRUE(wait_until([&] { return has_group("kettles", "tea"); }));
    running.stop();
    EXPECT_THAT(log_.lines(), ElementsAre(HasSubstr("the broker does not answer")));
}

TEST_F(OverdueTest, IsNotToldInTimeHoweverLongThatIs) {
    Bus bus(kettle_options());
    ConsumeOptions options = consume();
    options.stop_timeout = milliseconds::max();
    options.on_overdue = [] { FAIL(); };
    RunningConsumer running(bus, options);
    EXPECT_TRUE(wait_until([&] { return has_group("kettles", "tea"); }));
    running.stop();
    EXPECT_THAT(log_.lines(), IsEmpty());
}

}  // namespace
}  // namespace eventbus::bus_test
