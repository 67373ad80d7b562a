#include <gtest/gtest.h>

#include "consuming.hpp"
#include "eventbus/bus/testing.hpp"
#include "fixture.hpp"

namespace eventbus::bus_test {
namespace {

using kettle::KETTLE_BOILED;
using kettle::KettleBoiled;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Consumers whose broker fails.
class BrokerFailureTest : public BusTest {
  protected:
    void send(int events) const {
        Bus bus(kettle_options());
        for (int i = 0; i < events; ++i) bus.send(KETTLE_BOILED, boiled("kitchen", i));
    }

    /// Fails so many times in a way that may pass, beginning with this call.
    static std::function<void()> passing_failure(int times, int beginning = 1) {
        return [call = 0, times, beginning]() mutable {
            ++call;
            if (call >= beginning && call < beginning + times) throw BrokerError("the line\nis bad", true);
        };
    }
    static void fail_for_good() { throw BrokerError("the line is cut", false); }
};

TEST_F(BrokerFailureTest, JoiningAndReadingAndAskingForTheLagAreTriedAgain) {
    send(3);
    faults_->subscribe = passing_failure(1);
    faults_->poll = passing_failure(2);
    faults_->lag = passing_failure(1);
    Bus bus(faulty_options());
    EXPECT_EQ(Consumer(bus, until_idle()).run().handled, 3U);
    EXPECT_THAT(
        log_.lines(),
        ElementsAre("warning: group tea cannot join the group, and tries again in 0.1 s: the line\\nis bad",
                    AllOf(HasSubstr("cannot read"), HasSubstr("again in 0.1 s")),
                    AllOf(HasSubstr("cannot read"), HasSubstr("again in 0.2 s")),
                    AllOf(HasSubstr("cannot ask how far"), HasSubstr("again in 0.1 s"))));
}

TEST_F(BrokerFailureTest, AcknowledgingIsTriedAgainAndNothingIsHandledTwice) {
    send(3);
    faults_->acknowledge = passing_failure(2);
    Bus bus(faulty_options());
    EventRecorder recorder(bus, KETTLE_BOILED);
    EXPECT_EQ(Consumer(bus, until_idle()).run().handled, 3U);
    EXPECT_EQ(recorder.size(), 3U);
    EXPECT_EQ(lag("kettles", "tea"), 0U);
    EXPECT_THAT(log_.lines(), ElementsAre(HasSubstr("cannot acknowledge"), HasSubstr("cannot acknowledge")));
}

TEST_F(BrokerFailureTest, WhatDoesNotPassIsThrown) {
    send(1);
    for (const auto fault : {&Faults::subscribe, &Faults::poll, &Faults::lag}) {
        *faults_ = {};
        (*faults_).*fault = fail_for_good;
        Bus bus(faulty_options());
        EXPECT_EQ(message_of<BrokerError>([&] { Consumer(bus, until_idle()).run(); }), "the line is cut");
    }
}

TEST_F(BrokerFailureTest, EventsThatWereHandledAreAcknowledgedBeforeAFailureIsThrown) {
    send(3);
    int calls = 0;
    faults_->acknowledge = [&] {
        if (++calls == 1) fail_for_good();
    };
    Bus bus(faulty_options());
    EXPECT_THROW(Consumer(bus, until_idle()).run(), BrokerError);
    EXPECT_EQ(lag("kettles", "tea"), 0U);
}

TEST_F(BrokerFailureTest, EventsThatCannotBeAcknowledgedAreHandedOutAgain) {
    send(3);
    faults_->acknowledge = fail_for_good;
    Bus bus(faulty_options());
    EXPECT_THROW(Consumer(bus, until_idle()).run(), BrokerError);
    EXPECT_THAT(log_.lines(), ElementsAre(HasSubstr("will be handed out again: the line is cut")));
    faults_->acknowledge = nullptr;
    EXPECT_EQ(Consumer(bus, until_idle()).run().handled, 3U);
}

TEST_F(BrokerFailureTest, AStopEndsTryingToJoin) {
    faults_->subscribe = passing_failure(1'000'000);
    Bus bus(faulty_options());
    RunningConsumer running(bus, consume());
    EXPECT_TRUE(wait_until([&] { return !log_.lines().empty(); }));
    EXPECT_EQ(running.stop().events(), 0U);
}

TEST_F(BrokerFailureTest, AStopEndsTryingToReadAndToAcknowledge) {
    send(2);
    for (const auto fault : {&Faults::poll, &Faults::acknowledge}) {
        *faults_ = {};
        (*faults_).*fault = passing_failure(1'000'000);
        Log log;
        BusOptions options = faulty_options();
        options.log = log.sink();
        Bus bus(std::move(options));
        RunningConsumer running(bus, consume());
        EXPECT_TRUE(wait_until([&] { return !log.lines().empty(); }));
        EXPECT_EQ(running.stop().events(), fault == &Faults::poll ? 0U : 2U);
        if (fault == &Faults::poll) continue;
        EXPECT_THAT(log.lines().back(), HasSubstr("2 events that are handled could not be acknowledged"));
    }
    EXPECT_EQ(lag("kettles", "tea"), 2U);
}

TEST_F(BrokerFailureTest, AGroupThatCannotBeLeftInOrderIsLoggedOnly) {
    send(2);
    faults_->close = fail_for_good;
    Bus bus(faulty_options());
    EXPECT_EQ(Consumer(bus, until_idle()).run().handled, 2U);
    EXPECT_THAT(log_.lines(), ElementsAre("warning: cannot leave the group in order, others will notice: "
                                          "the line is cut"));
    EXPECT_EQ(lag("kettles", "tea"), 0U);
}

}  // namespace
}  // namespace eventbus::bus_test
