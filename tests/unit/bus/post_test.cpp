#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

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

class PostTest : public BusTest {
  protected:
    [[nodiscard]] BusOptions embedded_options() const {
        return kettle_options({{"EVENT_BUS_PRODUCER", "embedded"},
                               {"EVENT_BUS_EMBEDDED_PATH", directory_.file("events.db")},
                               {"EVENT_BUS_EMBEDDED_SYNC", "off"}});
    }

    TemporaryDirectory directory_;
};

TEST_F(PostTest, HandlersGetTheEventAtOnceAndTheSenderIsToldOnce) {
    Bus bus(memory_options(
        {{"EVENT_BUS_PRODUCER_CONFIG", producer_config({{"org.example.kettle.boiled.v1", "ant"},
                                                        {"org.example.kettle.boiled.v1", "zebra"}})}}));
    EventRecorder recorder(bus, KETTLE_BOILED);
    std::vector<SendReport> told;
    bus.post(KETTLE_BOILED, boiled("kitchen"), {}, [&](const SendReport& report) { told.push_back(report); });
    EXPECT_EQ(recorder.size(), 1U);
    EXPECT_TRUE(bus.flush(patience));
    ASSERT_EQ(told.size(), 1U);
    EXPECT_TRUE(told[0].stored());
    EXPECT_EQ(told[0].metadata, recorder.events().at(0).metadata);
    EXPECT_THAT(names(told[0].handlers), ElementsAre("recorder"));
    ASSERT_EQ(told[0].topics.size(), 2U);
    EXPECT_EQ(told[0].topics[1].topic.str(), "zebra");
    EXPECT_EQ(told[0].topics[1].position, stored("zebra").at(0).position);
}

TEST_F(PostTest, AnEventWithoutTopicsIsDoneAtOnce) {
    Bus bus(options({}));
    int told = 0;
    bus.post(KETTLE_BOILED, boiled("kitchen"), {}, [&](const SendReport& report) {
        EXPECT_TRUE(report.stored());
        ++told;
    });
    EXPECT_EQ(told, 1);
}

TEST_F(PostTest, ADisabledSignalIsToldAtOnce) {
    Bus bus(kettle_options());
    bus.disable(KETTLE_BOILED);
    int told = 0;
    bus.post(KETTLE_BOILED, boiled("kitchen"), {}, [&](const SendReport& report) {
        EXPECT_FALSE(report.enabled);
        ++told;
    });
    bus.post(KETTLE_BOILED, boiled("kitchen"));
    EXPECT_EQ(told, 1);
    EXPECT_THAT(stored("kettles"), IsEmpty());
}

TEST_F(PostTest, AFailureThatNobodyIsToldOfIsLoggedWithAllThatIsNeededToSendAgain) {
    faults_->refuse = [](const OutgoingEvent&) {
        return std::make_exception_ptr(StorageFull("the tank\nis full"));
    };
    Bus bus(faulty_options());
    const SendOptions send{.metadata = received(KETTLE_BOILED.type(), {}).metadata};
    bus.post(KETTLE_BOILED, boiled("kitchen", 7), send);
    EXPECT_THAT(
        log_.lines(),
        ElementsAre(AllOf(HasSubstr("error: "), HasSubstr("topic kettles"), HasSubstr("key \"kitchen\""),
                          HasSubstr("the tank\\nis full"), HasSubstr("b0c8c7a2-8f3e-11ee-b9d1-0242ac120002"),
                          HasSubstr(R"("time":"2024-05-06T07:08:09.000010+00:00")"),
                          HasSubstr(R"("data":{"kettle":{"room":"kitchen","degrees":7,"owner":null}})"))));
}

TEST_F(PostTest, AFailureOfWhichTheSenderIsToldIsNotLogged) {
    faults_->refuse = [](const OutgoingEvent&) { return std::make_exception_ptr(StorageFull("full")); };
    Bus bus(faulty_options());
    int failures = 0;
    bus.post(KETTLE_BOILED, boiled("kitchen"), {},
             [&](const SendReport& report) { failures += report.stored() ? 0 : 1; });
    EXPECT_EQ(failures, 1);
    EXPECT_THAT(log_.lines(), IsEmpty());
}

TEST_F(PostTest, ABrokerThatCannotBeOpenedIsTold) {
    faults_->open = [] { throw BrokerError("the door is locked", true); };
    Bus bus(faulty_options());
    std::string cause;
    bus.post(KETTLE_BOILED, boiled("kitchen"), {},
             [&](const SendReport& report) { cause = error_text(report.topics.at(0).failure); });
    EXPECT_EQ(cause, "the door is locked");
    EXPECT_TRUE(bus.flush(patience));
}

TEST_F(PostTest, WhatTheTellingThrowsIsLogged) {
    Bus bus(kettle_options());
    bus.post(KETTLE_BOILED, boiled("a"), {}, [](const SendReport&) { throw std::runtime_error("I am off"); });
    bus.post(KETTLE_BOILED, boiled("b"), {}, [](const SendReport&) { throw 7; });
    EXPECT_TRUE(bus.flush(patience));
    EXPECT_THAT(log_.lines(), ElementsAre(HasSubstr("I am off"), HasSubstr("no std::exception")));
}

TEST_F(PostTest, FlushWaitsForAllThatWasPostedHoweverLongTheLimit) {
    Bus bus(embedded_options());
    std::atomic<int> told = 0;
    for (int i = 0; i < 500; ++i)
        bus.post(KETTLE_BOILED, boiled("kitchen", i), {}, [&](const SendReport& report) {
            EXPECT_TRUE(report.stored());
            ++told;
        });
    EXPECT_TRUE(bus.flush(std::chrono::milliseconds::max()));
    EXPECT_EQ(told, 500);
}

TEST_F(PostTest, TheEndOfTheBusWaitsForWhatWasPosted) {
    std::atomic<int> told = 0;
    {
        Bus bus(embedded_options());
        for (int i = 0; i < 500; ++i)
            bus.post(KETTLE_BOILED, boiled("kitchen", i), {}, [&](const SendReport&) { ++told; });
    }
    EXPECT_EQ(told, 500);
    const Bus bus(embedded_options());
    EXPECT_EQ(stored_in(*bus.producer_broker(), "kettles").size(), 500U);
}

TEST_F(PostTest, EventsOfOneThreadAreStoredInOrderWhetherPostedOrSent) {
    Bus bus(embedded_options());
    std::vector<std::uint64_t> offsets;
    for (int i = 0; i < 50; ++i) {
        bus.post(KETTLE_BOILED, boiled("kitchen", i), {}, [&](const SendReport& report) {
            offsets.push_back(report.topics.at(0).position.offset.number);
        });
        // Its answer comes after those of all that were posted before it.
        if (i % 10 == 9)
            offsets.push_back(
                bus.send(KETTLE_BOILED, boiled("kitchen", i)).topics.at(0).position.offset.number);
    }
    EXPECT_EQ(offsets.size(), 55U);
    EXPECT_TRUE(std::ranges::is_sorted(offsets));
}

}  // namespace
}  // namespace eventbus::bus_test
