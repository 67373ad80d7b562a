#include "eventbus/bus/consumer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <thread>

#include "consuming.hpp"
#include "eventbus/bus/testing.hpp"
#include "fixture.hpp"

namespace eventbus::bus_test {
namespace {

using kettle::KETTLE_BOILED;
using kettle::KETTLE_EMPTIED;
using kettle::KettleBoiled;
using kettle::KettleEmptied;
using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ConsumerTest : public BusTest {};

TEST_F(ConsumerTest, HandlesWhatIsThereAndEndsWhenIdle) {
    Bus bus(kettle_options());
    for (int i = 0; i < 10; ++i) bus.send(KETTLE_BOILED, boiled("kitchen", i));
    EventRecorder recorder(bus, KETTLE_BOILED);
    const ConsumeResult result = Consumer(bus, until_idle()).run();
    EXPECT_EQ(result.handled, 10U);
    EXPECT_EQ(result.events(), 10U);
    EXPECT_EQ(recorder.size(), 10U);
    EXPECT_EQ(lag("kettles", "tea"), 0U);
    EXPECT_EQ(Consumer(bus, until_idle()).run().events(), 0U);
    EXPECT_EQ(stored("kettles").size(), 10U);
}

TEST_F(ConsumerTest, EventsOfAKeyAreHandledInOrder) {
    Bus bus(kettle_options());
    for (int i = 0; i < 200; ++i) bus.send(KETTLE_BOILED, boiled("room " + std::to_string(i % 7), i));
    std::map<std::string, std::vector<std::int64_t>> degrees;
    bus.connect(KETTLE_BOILED, "note",
                [&](const KettleBoiled& data) { degrees[data.kettle.room].push_back(data.kettle.degrees); });
    Consumer(bus, until_idle()).run();
    EXPECT_EQ(degrees.size(), 7U);
    for (const auto& [room, in_order] : degrees) EXPECT_TRUE(std::ranges::is_sorted(in_order)) << room;
}

TEST_F(ConsumerTest, SeveralEventTypesOfOneTopicGoToTheirHandlers) {
    Bus bus(kettle_options());
    bus.send(KETTLE_BOILED, boiled("kitchen"));
    bus.send(KETTLE_EMPTIED, KettleEmptied{boiled("kitchen").kettle});
    EventRecorder boils(bus, KETTLE_BOILED);
    EventRecorder empties(bus, KETTLE_EMPTIED);
    EXPECT_EQ(Consumer(bus, until_idle()).run().handled, 2U);
    EXPECT_EQ(boils.size(), 1U);
    EXPECT_EQ(empties.size(), 1U);
}

TEST_F(ConsumerTest, CountEndsItAndTheRestStaysForTheNext) {
    Bus bus(kettle_options());
    for (int i = 0; i < 10; ++i) bus.send(KETTLE_BOILED, boiled("kitchen", i));
    bus.connect(KETTLE_BOILED, "picky", [](const KettleBoiled& data) {
        if (data.kettle.degrees == 1) throw std::runtime_error("too cold");
    });
    ConsumeOptions four = consume();
    four.count = 4;
    Consumer consumer(bus, four);
    const ConsumeResult first = consumer.run();
    EXPECT_EQ(first.handled, 3U);
    EXPECT_EQ(first.failed, 1U);
    EXPECT_EQ(lag("kettles", "tea"), 6U);
    EXPECT_EQ(consumer.run().handled, 4U);
    EXPECT_EQ(lag("kettles", "tea"), 2U);
    four.count = 0;
    EXPECT_EQ(Consumer(bus, four).run().events(), 0U);
    EXPECT_EQ(lag("kettles", "tea"), 2U);
}

TEST_F(ConsumerTest, CountMayBeMoreThanItHoldsAtATime) {
    Bus bus(kettle_options({{"EVENT_BUS_CONSUMER_PREFETCH", "3"}}));
    for (int i = 0; i < 10; ++i) bus.send(KETTLE_BOILED, boiled("kitchen", i));
    ConsumeOptions options = consume();
    options.count = 8;
    EXPECT_EQ(Consumer(bus, options).run().events(), 8U);
    options.count = 2;
    options.prefetch = 1;
    EXPECT_EQ(Consumer(bus, options).run().events(), 2U);
}

TEST_F(ConsumerTest, NewEventsKeepItFromBeingIdle) {
    Bus bus(kettle_options());
    int handled = 0;
    bus.connect(KETTLE_BOILED, "count", [&](const KettleBoiled&) { ++handled; });
    const std::jthread sender([this] {
        Bus other(kettle_options());
        for (int i = 0; i < 5; ++i) {
            std::this_thread::sleep_for(milliseconds{10});
            other.send(KETTLE_BOILED, boiled("kitchen", i));
        }
    });
    ConsumeOptions options = consume();
    options.until_idle = milliseconds{1'000};
    EXPECT_EQ(Consumer(bus, options).run().events(), 5U);
}

TEST_F(ConsumerTest, AStopBeforeItBeginsIsHeard) {
    Bus bus(kettle_options());
    bus.send(KETTLE_BOILED, boiled("kitchen"));
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(Consumer(bus, consume()).run(stop.get_token()).events(), 0U);
    EXPECT_EQ(lag("kettles", "tea"), 0U) << "there is no such group";
}

TEST_F(ConsumerTest, AStopWakesItWhenItWaits) {
    Bus bus(kettle_options());
    ConsumeOptions options = consume();
    options.until_idle = milliseconds::max();
    RunningConsumer running(bus, options);
    EXPECT_TRUE(wait_until([&] { return has_group("kettles", "tea"); }));
    EXPECT_EQ(running.stop().events(), 0U);
}

TEST_F(ConsumerTest, AStopLetsItFinishTheEventThatItHandlesAndGiveBackTheRest) {
    Bus bus(kettle_options());
    for (int i = 0; i < 5; ++i) bus.send(KETTLE_BOILED, boiled("kitchen", i));
    Gate gate;
    bus.connect(KETTLE_BOILED, "slow", [&](const KettleBoiled&) { gate.pass(); });
    RunningConsumer running(bus, consume());
    gate.wait_for_arrival();
    running.request_stop();
    gate.open();
    EXPECT_EQ(running.stop().handled, 1U);
    EXPECT_EQ(lag("kettles", "tea"), 4U);
    EXPECT_THAT(log_.lines(), IsEmpty());
}

TEST_F(ConsumerTest, AHandlerMayAskItToStop) {
    Bus bus(kettle_options());
    for (int i = 0; i < 3; ++i) bus.send(KETTLE_BOILED, boiled("kitchen", i));
    std::stop_source stop;
    bus.connect(KETTLE_BOILED, "enough", [&](const KettleBoiled&) { stop.request_stop(); });
    EXPECT_EQ(Consumer(bus, consume()).run(stop.get_token()).handled, 1U);
    EXPECT_EQ(lag("kettles", "tea"), 2U);
}

TEST_F(ConsumerTest, MembersOfAGroupShareTheEvents) {
    Bus bus(kettle_options());
    std::atomic<int> handled = 0;
    bus.connect(KETTLE_BOILED, "count", [&](const KettleBoiled&) { ++handled; });
    RunningConsumer first(bus, consume());
    RunningConsumer second(bus, consume());
    for (int i = 0; i < 100; ++i) bus.send(KETTLE_BOILED, boiled("room " + std::to_string(i), i));
    // Each event was handled twice: once when it was sent, once when it came back.
    EXPECT_TRUE(wait_until([&] { return handled == 200; }));
    EXPECT_EQ(first.stop().handled + second.stop().handled, 100U);
    EXPECT_EQ(lag("kettles", "tea"), 0U);
}

TEST_F(ConsumerTest, TopicsAreTakenWithTheirPrefix) {
    Bus bus(kettle_options({{"EVENT_BUS_TOPIC_PREFIX", "dev"}}));
    bus.send(KETTLE_BOILED, boiled("kitchen"));
    EXPECT_EQ(Consumer(bus, until_idle()).run().handled, 1U);
    EXPECT_TRUE(has_group("dev-kettles", "tea"));
}

TEST_F(ConsumerTest, SeveralTopicsAreConsumedAtOnce) {
    Bus bus(memory_options(
        {{"EVENT_BUS_PRODUCER_CONFIG", producer_config({{"org.example.kettle.boiled.v1", "ant"},
                                                        {"org.example.kettle.emptied.v1", "zebra"}})}}));
    bus.send(KETTLE_BOILED, boiled("kitchen"));
    bus.send(KETTLE_EMPTIED, KettleEmptied{boiled("kitchen").kettle});
    ConsumeOptions options = until_idle();
    options.topics = {"ant", "zebra"};
    EXPECT_EQ(Consumer(bus, options).run().handled, 2U);
}

TEST_F(ConsumerTest, AGroupStartsWhereItIsTold) {
    Bus bus(kettle_options());
    Bus latest(kettle_options({{"EVENT_BUS_CONSUMER_START", "latest"}}));
    Bus later(kettle_options({{"EVENT_BUS_CONSUMER_START", "2100-01-01T00:00:00Z"}}));
    bus.send(KETTLE_BOILED, boiled("kitchen"));
    EXPECT_EQ(Consumer(bus, until_idle("a")).run().events(), 1U);
    EXPECT_EQ(Consumer(latest, until_idle("b")).run().events(), 0U);
    EXPECT_EQ(Consumer(later, until_idle("c")).run().events(), 0U);
    ConsumeOptions earliest = until_idle("d");
    earliest.start = Earliest{};
    EXPECT_EQ(Consumer(latest, earliest).run().events(), 1U);
}

TEST_F(ConsumerTest, AResetMovesTheGroupBeforeTheFirstRunOnly) {
    Bus bus(kettle_options());
    for (int i = 0; i < 3; ++i) bus.send(KETTLE_BOILED, boiled("kitchen", i));
    EXPECT_EQ(Consumer(bus, until_idle()).run().events(), 3U);
    ConsumeOptions again = until_idle();
    again.reset = Earliest{};
    Consumer consumer(bus, again);
    EXPECT_EQ(consumer.run().events(), 3U);
    EXPECT_EQ(consumer.run().events(), 0U);
}

TEST_F(ConsumerTest, WrongOptionsAreRefused) {
    Bus bus(kettle_options());
    const auto refusal = [&](const std::function<void(ConsumeOptions&)>& spoil) {
        ConsumeOptions options = consume();
        spoil(options);
        return message_of<InvalidValue>([&] { Consumer(bus, options); });
    };
    EXPECT_THAT(refusal([](ConsumeOptions& options) { options.topics.clear(); }), HasSubstr("topic"));
    EXPECT_THAT(refusal([](ConsumeOptions& options) { options.topics = {"ket tles"}; }),
                HasSubstr("\"ket tles\""));
    EXPECT_THAT(refusal([](ConsumeOptions& options) { options.group = ""; }), HasSubstr("group"));
    EXPECT_THAT(refusal([](ConsumeOptions& options) { options.prefetch = 0; }), HasSubstr("prefetch"));
    Bus without(options({}));
    EXPECT_THAT(message_of<SettingsError>([&] { Consumer(without, consume()); }),
                HasSubstr("EVENT_BUS_CONSUMER is not set"));
    ConsumeOptions nowhere = until_idle();
    nowhere.start = AfterId{"behind the fridge"};
    bus.send(KETTLE_BOILED, boiled("kitchen"));
    EXPECT_THAT(message_of<InvalidValue>([&] { Consumer(bus, nowhere).run(); }),
                HasSubstr("behind the fridge"));
}

TEST_F(ConsumerTest, DisabledSignalsAreAcknowledgedAndNotHandled) {
    Bus bus(kettle_options());
    bus.send(KETTLE_BOILED, boiled("kitchen"));
    EventRecorder recorder(bus, KETTLE_BOILED);
    bus.disable(KETTLE_BOILED);
    EXPECT_EQ(Consumer(bus, until_idle()).run().handled, 1U);
    EXPECT_EQ(recorder.size(), 0U);
    EXPECT_EQ(lag("kettles", "tea"), 0U);
}

TEST_F(ConsumerTest, HandlersMaySendOnTheWay) {
    Bus bus(kettle_options());
    bus.send(KETTLE_BOILED, boiled("kitchen"));
    bus.connect(KETTLE_BOILED, "empty it",
                [&](const KettleBoiled& data) { bus.send(KETTLE_EMPTIED, KettleEmptied{data.kettle}); });
    EXPECT_EQ(Consumer(bus, until_idle()).run().handled, 2U);
    EXPECT_EQ(stored("kettles").size(), 2U);
}

}  // namespace
}  // namespace eventbus::bus_test
