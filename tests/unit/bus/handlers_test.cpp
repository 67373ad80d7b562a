#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "eventbus/bus/testing.hpp"
#include "fixture.hpp"
#include "newer_kettle.hpp"

namespace eventbus::bus_test {
namespace {

using kettle::KETTLE_BOILED;
using kettle::KETTLE_EMPTIED;
using kettle::KettleBoiled;
using kettle::KettleEmptied;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class HandlersTest : public BusTest {};

TEST_F(HandlersTest, ANameIsTakenOnceForEachSignalUntilItIsDisconnected) {
    Bus bus(options({}));
    const HandlerId first = bus.connect(KETTLE_BOILED, "whistle", [](const KettleBoiled&) {});
    EXPECT_THAT(
        message_of<InvalidValue>([&] { bus.connect(KETTLE_BOILED, "whistle", [](const KettleBoiled&) {}); }),
        AllOf(HasSubstr("org.example.kettle.boiled.v1"), HasSubstr("\"whistle\"")));
    bus.connect(KETTLE_EMPTIED, "whistle", [](const KettleEmptied&) {});
    bus.connect_all("whistle", [](const RawEvent&) {});
    EXPECT_THAT(message_of<InvalidValue>([&] { bus.connect_all("whistle", [](const RawEvent&) {}); }),
                HasSubstr("\"whistle\""));
    EXPECT_TRUE(bus.disconnect(first));
    EXPECT_FALSE(bus.disconnect(first));
    const HandlerId second = bus.connect(KETTLE_BOILED, "whistle", [](const KettleBoiled&) {});
    EXPECT_NE(first, second);
}

TEST_F(HandlersTest, DisconnectedHandlersAreNotCalled) {
    Bus bus(options({}));
    int calls = 0;
    const HandlerId typed = bus.connect(KETTLE_BOILED, "typed", [&](const KettleBoiled&) { ++calls; });
    const HandlerId raw = bus.connect_all("raw", [&](const RawEvent&) { ++calls; });
    bus.send(KETTLE_BOILED, boiled("kitchen"));
    EXPECT_EQ(calls, 2);
    bus.disconnect(typed);
    bus.disconnect(raw);
    EXPECT_THAT(bus.send(KETTLE_BOILED, boiled("kitchen")).handlers, IsEmpty());
    EXPECT_EQ(calls, 2);
}

TEST_F(HandlersTest, ASignalOfTheSameEventTypeWithOtherDataIsRefused) {
    Bus bus(options({}));
    EventRecorder recorder(bus, KETTLE_BOILED);
    const Signal<newer_kettle::KettleBoiled> impostor(KETTLE_BOILED.type());
    EXPECT_THAT(message_of<InvalidValue>(
                    [&] { bus.connect(impostor, "other", [](const newer_kettle::KettleBoiled&) {}); }),
                HasSubstr("another C++ type"));
    EXPECT_THAT(message_of<InvalidValue>([&] { bus.send(impostor, newer_kettle::KettleBoiled{}); }),
                HasSubstr("another C++ type"));
    EXPECT_THAT(message_of<InvalidValue>([&] {
                    bus.connect(newer_kettle::KETTLE_BOILED, "newer",
                                [](const newer_kettle::KettleBoiled&) {});
                }),
                HasSubstr("another schema"));
    EXPECT_EQ(recorder.size(), 0U);
}

TEST_F(HandlersTest, HandlersMayConnectAndDisconnectWhileTheyRun) {
    Bus bus(options({}));
    std::vector<std::string> calls;
    HandlerId once{};
    once = bus.connect(KETTLE_BOILED, "once", [&](const KettleBoiled&) {
        calls.emplace_back("once");
        bus.disconnect(once);
        bus.connect(KETTLE_BOILED, "later", [&](const KettleBoiled&) { calls.emplace_back("later"); });
    });
    bus.send(KETTLE_BOILED, boiled("kitchen"));
    EXPECT_THAT(calls, ElementsAre("once"));
    bus.send(KETTLE_BOILED, boiled("kitchen"));
    EXPECT_THAT(calls, ElementsAre("once", "later"));
}

TEST_F(HandlersTest, WhatAHandlerHoldsMayUseTheBusWhenItEnds) {
    Bus bus(options({}));
    auto held = std::make_shared<EventRecorder<KettleBoiled>>(bus, KETTLE_BOILED);
    const HandlerId holder = bus.connect(KETTLE_EMPTIED, "holder", [held](const KettleEmptied&) {});
    const HandlerId raw = bus.connect_all("holder", [held](const RawEvent&) {});
    held.reset();
    EXPECT_TRUE(bus.disconnect(raw));
    EXPECT_TRUE(bus.disconnect(holder));
    EXPECT_THAT(bus.send(KETTLE_BOILED, boiled("kitchen")).handlers, IsEmpty());
}

TEST_F(HandlersTest, HandlersOfAllEventsComeLastAndSeeTheBytes) {
    Bus bus(options({}));
    std::vector<std::byte> payload;
    KETTLE_BOILED.encode(boiled("kitchen", 7), payload);
    bus.connect_all("raw", [&](const RawEvent& event) {
        EXPECT_EQ(event.type, &KETTLE_BOILED.type());
        EXPECT_EQ(event.metadata.event_type, "org.example.kettle.boiled.v1");
        EXPECT_EQ(std::vector(event.payload.begin(), event.payload.end()), payload);
        ASSERT_NE(event.schema, nullptr);
        EXPECT_EQ(event.schema->json(), KETTLE_BOILED.type().schema);
        EXPECT_THAT(event.schema_problem, IsEmpty());
        EXPECT_EQ(event.received, nullptr);
    });
    bus.connect(KETTLE_BOILED, "typed", [](const KettleBoiled&) {});
    EXPECT_THAT(names(bus.send(KETTLE_BOILED, boiled("kitchen", 7)).handlers), ElementsAre("typed", "raw"));
}

TEST_F(HandlersTest, ThreadsSendWhileOthersConnectAndDisconnect) {
    Bus bus(kettle_options());
    std::atomic<int> handled = 0;
    std::atomic<int> sent = 0;
    bus.connect(KETTLE_BOILED, "always", [&](const KettleBoiled&) { ++handled; });
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 2; ++thread) {
            threads.emplace_back([&] {
                for (int i = 0; i < 200; ++i) {
                    bus.send(KETTLE_BOILED, boiled("kitchen", i));
                    ++sent;
                }
            });
            threads.emplace_back([&, name = "now and then " + std::to_string(thread)] {
                for (int i = 0; i < 200; ++i) {
                    const HandlerId id = bus.connect(KETTLE_BOILED, name, [](const KettleBoiled&) {});
                    const HandlerId raw = bus.connect_all(name, [](const RawEvent&) {});
                    bus.disconnect(id);
                    bus.disconnect(raw);
                }
            });
        }
    }
    EXPECT_EQ(handled, sent);
    EXPECT_EQ(stored("kettles").size(), 400U);
}

}  // namespace
}  // namespace eventbus::bus_test
