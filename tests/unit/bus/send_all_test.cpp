#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

#include "eventbus/bus/testing.hpp"
#include "fixture.hpp"

namespace eventbus::bus_test {
namespace {

using kettle::KETTLE_BOILED;
using kettle::KettleBoiled;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class SendAllTest : public BusTest {};

/// Of different lengths, so that their bytes and keys move about in growing buffers.
std::vector<KettleBoiled> many(int count) {
    std::vector<KettleBoiled> events;
    for (int i = 0; i < count; ++i)
        events.push_back(boiled("room " + std::string(static_cast<std::size_t>(i % 70), 'x'), i));
    return events;
}

TEST_F(SendAllTest, EachEventIsReportedAndStored) {
    Bus bus(memory_options(
        {{"EVENT_BUS_PRODUCER_CONFIG", producer_config({{"org.example.kettle.boiled.v1", "ant"},
                                                        {"org.example.kettle.boiled.v1", "zebra"}})}}));
    const auto events = many(300);
    const auto reports = bus.send_all(KETTLE_BOILED, events);
    ASSERT_EQ(reports.size(), events.size());
    std::map<Position, ReceivedEvent> ants;
    for (ReceivedEvent& event : stored("ant")) ants.emplace(event.position, std::move(event));
    EXPECT_EQ(ants.size(), events.size());
    EXPECT_EQ(stored("zebra").size(), events.size());
    std::set<Uuid> ids;
    for (std::size_t i = 0; i < events.size(); ++i) {
        ids.insert(reports[i].metadata.id);
        ASSERT_EQ(reports[i].topics.size(), 2U);
        EXPECT_EQ(reports[i].topics[0].topic.str(), "ant");
        EXPECT_EQ(reports[i].topics[1].topic.str(), "zebra");
        EXPECT_EQ(reports[i].topics[0].key, events[i].kettle.room);
        const ReceivedEvent& event = ants.at(reports[i].topics[0].position);
        EXPECT_EQ(KETTLE_BOILED.decode(event.payload), events[i]);
        EXPECT_EQ(event.key, events[i].kettle.room);
        EXPECT_EQ(event.metadata, reports[i].metadata);
    }
    EXPECT_EQ(ids.size(), events.size());
}

TEST_F(SendAllTest, HandlersGetEachInOrder) {
    Bus bus(options({}));
    EventRecorder recorder(bus, KETTLE_BOILED);
    const auto events = many(5);
    const auto reports = bus.send_all(KETTLE_BOILED, events);
    const auto recorded = recorder.events();
    ASSERT_EQ(recorded.size(), events.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
        EXPECT_EQ(recorded[i].data, events[i]);
        EXPECT_EQ(recorded[i].metadata, reports[i].metadata);
        EXPECT_THAT(names(reports[i].handlers), ::testing::ElementsAre("recorder"));
        EXPECT_THAT(reports[i].topics, IsEmpty());
    }
}

TEST_F(SendAllTest, NoEventsAreNoWork) {
    faults_->open = [] { FAIL() << "nothing needs to be opened"; };
    Bus bus(faulty_options());
    EXPECT_THAT(bus.send_all(KETTLE_BOILED, {}), IsEmpty());
}

TEST_F(SendAllTest, ATimeIsThatOfAllAndMetadataIsRefused) {
    Bus bus(kettle_options());
    const Timestamp noon = parse_iso8601("2020-02-02T12:00:00Z");
    const auto events = many(2);
    for (const SendReport& report : bus.send_all(KETTLE_BOILED, events, {.time = noon}))
        EXPECT_EQ(report.metadata.time, noon);
    EXPECT_THAT(message_of<InvalidValue>([&] {
                    bus.send_all(KETTLE_BOILED, events,
                                 {.metadata = bus.make_metadata(KETTLE_BOILED.type())});
                }),
                HasSubstr("metadata"));
    EXPECT_EQ(stored("kettles").size(), 2U);
}

TEST_F(SendAllTest, DataThatCannotBeWrittenIsRefusedBeforeAnythingIsDone) {
    Bus bus(kettle_options());
    EventRecorder recorder(bus, KETTLE_BOILED);
    auto events = many(3);
    events[2].kettle.room = "\xc3\x28";
    EXPECT_THROW(bus.send_all(KETTLE_BOILED, events), InvalidValue);
    EXPECT_EQ(recorder.size(), 0U);
    EXPECT_THAT(stored("kettles"), IsEmpty());
    // What the failed call left in its buffers does not come along.
    EXPECT_THAT(bus.send_all(KETTLE_BOILED, many(1)), SizeIs(1));
    EXPECT_EQ(KETTLE_BOILED.decode(stored("kettles").at(0).payload), many(1)[0]);
}

TEST_F(SendAllTest, ADisabledSignalGoesNowhere) {
    Bus bus(kettle_options());
    EventRecorder recorder(bus, KETTLE_BOILED);
    bus.disable(KETTLE_BOILED);
    const auto reports = bus.send_all(KETTLE_BOILED, many(3));
    EXPECT_THAT(reports, SizeIs(3));
    EXPECT_THAT(reports, Each(::testing::Field(&SendReport::enabled, false)));
    EXPECT_EQ(recorder.size(), 0U);
    EXPECT_THAT(stored("kettles"), IsEmpty());
}

TEST_F(SendAllTest, StrictlyAFailingHandlerKeepsAllFromBeingStored) {
    Bus bus(kettle_options());
    bus.connect(KETTLE_BOILED, "picky", [](const KettleBoiled& data) {
        if (data.kettle.degrees == 1) throw std::runtime_error("too cold");
    });
    EventRecorder recorder(bus, KETTLE_BOILED);
    EXPECT_EQ(message_of<std::runtime_error>(
                  [&] { bus.send_all(KETTLE_BOILED, many(3), {.dispatch = Dispatch::strict}); }),
              "too cold");
    EXPECT_EQ(recorder.size(), 1U);
    EXPECT_THAT(stored("kettles"), IsEmpty());
    const auto reports = bus.send_all(KETTLE_BOILED, many(3));
    EXPECT_NE(reports.at(1).handlers.at(0).error, nullptr);
    EXPECT_EQ(stored("kettles").size(), 3U);
}

TEST_F(SendAllTest, WhenSomeAreNotStoredTheReportsOfAllTellWhich) {
    faults_->refuse = [](const OutgoingEvent& event) -> std::exception_ptr {
        if (event.key->text == "cold") return std::make_exception_ptr(StorageFull("the tank is full"));
        return nullptr;
    };
    Bus bus(faulty_options());
    const std::vector events{boiled("a"), boiled("cold"), boiled("b"), boiled("cold")};
    try {
        bus.send_all(KETTLE_BOILED, events);
        FAIL() << "threw nothing";
    } catch (const SendFailed& failure) {
        ASSERT_EQ(failure.reports().size(), 4U);
        EXPECT_TRUE(failure.reports()[0].stored());
        EXPECT_FALSE(failure.reports()[1].stored());
        EXPECT_TRUE(failure.reports()[2].stored());
        EXPECT_FALSE(failure.reports()[3].stored());
        EXPECT_EQ(&failure.report(), &failure.reports()[1]);
        EXPECT_EQ(failure.id(), failure.reports()[1].metadata.id);
        EXPECT_EQ(failure.key(), "cold");
        EXPECT_TRUE(failure.retriable());
        EXPECT_THAT(failure.what(), HasSubstr("the tank is full"));
        EXPECT_THAT(failure.what(), HasSubstr("1 more of the 4 events"));
    }
    EXPECT_EQ(stored("kettles").size(), 2U);
}

}  // namespace
}  // namespace eventbus::bus_test
