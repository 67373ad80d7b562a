#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <map>

#include "child.hpp"
#include "consuming.hpp"
#include "database_lock.hpp"
#include "eventbus/broker/embedded/embedded_broker.hpp"
#include "eventbus/bus/testing.hpp"
#include "fixture.hpp"

namespace eventbus::bus_test {
namespace {

using kettle::KETTLE_BOILED;
using kettle::KettleBoiled;
using std::chrono::milliseconds;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::SizeIs;

/// Buses of several processes in one file.
class ProcessTest : public BusTest {
  protected:
    [[nodiscard]] BusOptions embedded_options() const {
        return kettle_options({{"EVENT_BUS_PRODUCER", "embedded"},
                               {"EVENT_BUS_CONSUMER", "embedded"},
                               {"EVENT_BUS_EMBEDDED_PATH", directory_.file("events.db")},
                               {"EVENT_BUS_EMBEDDED_SYNC", "off"}});
    }
    [[nodiscard]] std::vector<ReceivedEvent> all() const {
        const Bus bus(embedded_options());
        return stored_in(*bus.producer_broker(), "kettles");
    }

    TemporaryDirectory directory_;
};

TEST_F(ProcessTest, OneSendsAndAnotherHandles) {
    Bus bus(embedded_options());
    EventRecorder recorder(bus, KETTLE_BOILED);
    RunningConsumer running(bus, consume());
    Child sender([&] {
        Bus own(embedded_options());
        for (int i = 0; i < 20; ++i) own.send(KETTLE_BOILED, boiled("kitchen", i));
    });
    EXPECT_TRUE(sender.succeeded());
    EXPECT_TRUE(recorder.wait_for(20, patience));
    EXPECT_EQ(running.stop().handled, 20U);
    for (int i = 0; i < 20; ++i) {
        const auto recorded = recorder.events().at(static_cast<std::size_t>(i));
        EXPECT_EQ(recorded.data, boiled("kitchen", i));
        EXPECT_TRUE(recorded.from_bus);
    }
}

TEST_F(ProcessTest, AChildGoesOnWithTheBusOfItsParent) {
    Bus bus(embedded_options());
    EventRecorder recorder(bus, KETTLE_BOILED);
    bus.send(KETTLE_BOILED, boiled("parent"));
    Child child([&] {
        EXPECT_TRUE(bus.send(KETTLE_BOILED, boiled("child")).stored());
        EXPECT_EQ(recorder.size(), 2U);
        Child grandchild([&] { bus.send(KETTLE_BOILED, boiled("grandchild")); });
        EXPECT_TRUE(grandchild.succeeded());
        bus.send(KETTLE_BOILED, boiled("child"));
    });
    bus.send(KETTLE_BOILED, boiled("parent"));
    EXPECT_TRUE(child.succeeded());
    bus.send(KETTLE_BOILED, boiled("parent"));
    EXPECT_EQ(recorder.size(), 3U);
    std::map<std::string, int> rooms;
    std::map<Uuid, int> ids;
    for (const ReceivedEvent& event : all()) {
        ++rooms[*event.key];
        ++ids[event.metadata.id];
    }
    EXPECT_EQ(rooms, (std::map<std::string, int>{{"parent", 3}, {"child", 2}, {"grandchild", 1}}));
    EXPECT_THAT(ids, SizeIs(6));
}

TEST_F(ProcessTest, WhatTheParentPostedIsNotTheChilds) {
    auto bus = std::make_unique<Bus>(embedded_options());
    std::atomic<int> told = 0;
    for (int i = 0; i < 100; ++i)
        bus->post(KETTLE_BOILED, boiled("parent", i), {}, [&](const SendReport&) { ++told; });
    Child child([&] {
        const int before = told;
        EXPECT_TRUE(bus->flush(patience));
        EXPECT_TRUE(bus->send(KETTLE_BOILED, boiled("child")).stored());
        bus.reset();
        EXPECT_EQ(told, before);
    });
    EXPECT_TRUE(child.succeeded());
    EXPECT_TRUE(bus->flush(patience));
    EXPECT_EQ(told, 100);
    EXPECT_EQ(all().size(), 101U);
}

TEST_F(ProcessTest, TheEndOfAChildsBusWaitsForWhatTheChildPosted) {
    auto bus = std::make_unique<Bus>(embedded_options());
    bus->send(KETTLE_BOILED, boiled("parent"));
// ThreadSanitizer does not bear a child that starts a thread when its parent had several.
#ifndef __SANITIZE_THREAD__
    bus->post(KETTLE_BOILED, boiled("parent"));
    EXPECT_TRUE(bus->flush(patience));
#endif
    Child child([&] {
        int told = 0;
        for (int i = 0; i < 10; ++i)
            bus->post(KETTLE_BOILED, boiled("child", i), {}, [&](const SendReport& report) {
                EXPECT_TRUE(report.stored());
                ++told;
            });
        bus.reset();
        EXPECT_EQ(told, 10);
    });
    EXPECT_TRUE(child.succeeded());
}

TEST_F(ProcessTest, AChildThatDoesNotUseTheBusMayEndIt) {
    auto bus = std::make_unique<Bus>(embedded_options());
    bus->send(KETTLE_BOILED, boiled("parent"));
    bus->post(KETTLE_BOILED, boiled("parent"));
    Child child([&] { bus.reset(); });
    EXPECT_TRUE(child.succeeded());
    bus->send(KETTLE_BOILED, boiled("parent"));
    EXPECT_TRUE(bus->flush(patience));
    EXPECT_EQ(all().size(), 3U);
}

TEST_F(ProcessTest, AChildConsumesWithTheBusOfItsParent) {
    Bus bus(embedded_options());
    EventRecorder recorder(bus, KETTLE_BOILED);
    for (int i = 0; i < 3; ++i) bus.send(KETTLE_BOILED, boiled("parent", i));
    EXPECT_EQ(Consumer(bus, until_idle()).run().handled, 3U);
    bus.send(KETTLE_BOILED, boiled("parent", 3));
    Consumer consumer(bus, until_idle());
    Child child([&] { EXPECT_EQ(consumer.run().handled, 1U); });
    EXPECT_TRUE(child.succeeded());
    EXPECT_EQ(consumer.run().handled, 0U);
}

TEST_F(ProcessTest, WhatAKilledConsumerHandledAndDidNotAcknowledgeIsHandledAgain) {
    Bus bus(embedded_options());
    for (int i = 0; i < 3; ++i) bus.send(KETTLE_BOILED, boiled("kitchen", i));
    const std::string mark = directory_.file("mark");
    Child consumer([&] {
        Bus own(embedded_options());
        own.connect(KETTLE_BOILED, "hang", [&](const KettleBoiled& data) {
            if (data.kettle.degrees < 1) return;
            std::filesystem::create_directory(mark);
            ::pause();
        });
        Consumer(own, consume()).run();
    });
    EXPECT_TRUE(wait_until([&] { return std::filesystem::exists(mark); }));
    consumer.kill();
    EventRecorder recorder(bus, KETTLE_BOILED);
    ConsumeOptions rest = consume();
    // The dead one's partitions are taken over within about a second.
    rest.until_idle = milliseconds{3'000};
    const ConsumeResult result = Consumer(bus, rest).run();
    EXPECT_GE(result.handled, 2U);
    EXPECT_EQ(recorder.events().back().data, boiled("kitchen", 2));
}

TEST_F(ProcessTest, ManyEventsSentTogetherArriveInOrder) {
    Bus bus(embedded_options());
    std::vector<KettleBoiled> events;
    for (int i = 0; i < 5'000; ++i) events.push_back(boiled("kitchen", i));
    EXPECT_THAT(bus.send_all(KETTLE_BOILED, events), SizeIs(events.size()));
    std::vector<KettleBoiled> handled;
    bus.connect(KETTLE_BOILED, "note", [&](const KettleBoiled& data) { handled.push_back(data); });
    EXPECT_EQ(Consumer(bus, until_idle()).run().handled, events.size());
    EXPECT_EQ(handled, events);
}

TEST_F(ProcessTest, AnAcknowledgementThatAnotherProcessHeldUpIsStored) {
    const auto impatient = [&] {
        BusOptions options = embedded_options();
        options.backends.add("embedded", [path = directory_.file("events.db")](const Settings&, LogSink log) {
            return make_embedded_broker({.path = path,
                                         .sync = EmbeddedSync::off,
                                         .patience = milliseconds{20},
                                         .log = std::move(log)});
        });
        return options;
    };
    Bus bus(impatient());
    for (int i = 0; i < 3; ++i) bus.send(KETTLE_BOILED, boiled("kitchen", i));
    Gate locked;
    bus.connect(KETTLE_BOILED, "wait", [&](const KettleBoiled&) { locked.pass(); });
    RunningConsumer running(bus, consume());
    locked.wait_for_arrival();
    {
        const DatabaseLock held(directory_.file("events.db"));
        locked.open();
        EXPECT_TRUE(wait_until([&] { return !log_.lines().empty(); }));
    }
    EXPECT_THAT(log_.lines(), Contains(HasSubstr("cannot acknowledge, and tries again")));
    // While the first member lives and holds what it has read, so that leaving does not store it for it.
    EXPECT_TRUE(wait_until([&] {
        std::uint64_t lag = 0;
        for (const GroupInfo& info : bus.consumer_broker()->admin()->groups(TopicName("kettles")))
            for (const auto& partition : info.partitions) lag += partition.lag;
        return lag == 0;
    }));
    EXPECT_EQ(running.stop().handled, 3U);
}

}  // namespace
}  // namespace eventbus::bus_test
