#include <gtest/gtest.h>

#include <stdexcept>

#include "eventbus/bus/testing.hpp"
#include "eventbus/catalogue/learning.hpp"
#include "fixture.hpp"

namespace eventbus::bus_test {
namespace {

using kettle::KETTLE_BOILED;
using kettle::KETTLE_EMPTIED;
using kettle::KettleBoiled;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SendTest : public BusTest {};

TEST_F(SendTest, HandlersGetDataMetadataOrContextInTheOrderOfConnection) {
    Bus bus(options({}));
    std::vector<std::string> calls;
    bus.connect(KETTLE_BOILED, "first", [&](const KettleBoiled& data) { calls.push_back(data.kettle.room); });
    bus.connect(KETTLE_BOILED, "second", [&](const KettleBoiled& data, const EventMetadata& metadata) {
        calls.push_back(metadata.event_type + " " + std::to_string(data.kettle.degrees));
    });
    bus.connect(KETTLE_BOILED, "third", [&](const KettleBoiled&, const EventContext& context) {
        EXPECT_FALSE(context.from_bus());
        calls.push_back(context.metadata.id.to_string());
    });
    const SendReport report = bus.send(KETTLE_BOILED, boiled("kitchen", 99));
    EXPECT_THAT(calls,
                ElementsAre("kitchen", "org.example.kettle.boiled.v1 99", report.metadata.id.to_string()));
    EXPECT_THAT(names(report.handlers), ElementsAre("first", "second", "third"));
    EXPECT_TRUE(report.enabled);
    EXPECT_TRUE(report.stored());
    EXPECT_THAT(report.topics, IsEmpty());
}

TEST_F(SendTest, MetadataIsThatOfANewEventOfTheService) {
    Bus bus(options({{"EVENTS_SERVICE_NAME", "tea"}, {"SERVICE_VARIANT", "lms"}}));
    const Timestamp before = now();
    const EventMetadata metadata = bus.send(KETTLE_BOILED, boiled("kitchen")).metadata;
    EXPECT_EQ(metadata.event_type, "org.example.kettle.boiled.v1");
    EXPECT_EQ(metadata.source, "openedx/tea/web");
    EXPECT_EQ(metadata.sourcelib, openedx_events_version());
    EXPECT_FALSE(metadata.sourcehost.empty());
    EXPECT_GE(metadata.time, before);
    EXPECT_LE(metadata.time, now());
    EXPECT_NE(metadata.id, bus.send(KETTLE_BOILED, boiled("kitchen")).metadata.id);
    EXPECT_EQ(Bus(options({{"SERVICE_VARIANT", "lms"}})).make_metadata(KETTLE_BOILED.type()).source,
              "openedx/lms/web");
    EXPECT_EQ(Bus(options({})).make_metadata(KETTLE_BOILED.type()).source, "openedx/SERVICE_NAME_UNSET/web");
}

TEST_F(SendTest, TimeAndMetadataCanBeGivenAndTimeWins) {
    Bus bus(kettle_options());
    const Timestamp noon = parse_iso8601("2020-02-02T12:00:00Z");
    EXPECT_EQ(bus.send(KETTLE_BOILED, boiled("a"), {.time = noon}).metadata.time, noon);
    const EventMetadata old = received(KETTLE_BOILED.type(), {}).metadata;
    EXPECT_EQ(bus.send(KETTLE_BOILED, boiled("a"), {.metadata = old}).metadata, old);
    const EventMetadata both = bus.send(KETTLE_BOILED, boiled("a"), {.time = noon, .metadata = old}).metadata;
    EXPECT_EQ(both.id, old.id);
    EXPECT_EQ(both.time, noon);
    const auto events = stored("kettles");
    ASSERT_EQ(events.size(), 3U);
    EXPECT_EQ(events[1].metadata, old);
}

TEST_F(SendTest, WrongMetadataIsRefusedAndNothingIsDone) {
    Bus bus(kettle_options());
    EventRecorder recorder(bus, KETTLE_BOILED);
    const auto refusal = [&](const std::function<void(SendOptions&)>& spoil) {
        SendOptions send{.metadata = bus.make_metadata(KETTLE_BOILED.type())};
        spoil(send);
        return message_of<InvalidValue>([&] { bus.send(KETTLE_BOILED, boiled("a"), send); });
    };
    EXPECT_THAT(refusal([](SendOptions& send) { send.metadata->event_type = "org.example.other.v1"; }),
                HasSubstr("\"org.example.other.v1\""));
    EXPECT_THAT(refusal([](SendOptions& send) { send.metadata->id = {}; }), HasSubstr("no id"));
    EXPECT_THAT(refusal([](SendOptions& send) { send.metadata->sourcelib = "new"; }), HasSubstr("sourcelib"));
    EXPECT_THAT(refusal([](SendOptions& send) { send.metadata->source = "\xff"; }), HasSubstr("UTF-8"));
    refusal([](SendOptions& send) { send.time = Timestamp::max(); });
    EXPECT_EQ(recorder.size(), 0U);
    EXPECT_THAT(stored("kettles"), IsEmpty());
}

TEST_F(SendTest, DataThatCannotBeWrittenIsRefusedBeforeAnythingIsDone) {
    Bus local(options({}));
    Bus sending(kettle_options());
    for (Bus* bus : {&local, &sending}) {
        EventRecorder recorder(*bus, KETTLE_BOILED);
        EXPECT_THROW(bus->send(KETTLE_BOILED, boiled("\xc3\x28")), InvalidValue);
        EXPECT_EQ(recorder.size(), 0U);
    }
    EXPECT_THAT(stored("kettles"), IsEmpty());
}

TEST_F(SendTest, EventsGoToTheTopicsOfTheConfiguration) {
    Bus bus(memory_options(
        {{"EVENT_BUS_TOPIC_PREFIX", "dev"},
         {"EVENT_BUS_PRODUCER_CONFIG", producer_config({{"org.example.kettle.boiled.v1", "zebra"},
                                                        {"org.example.kettle.boiled.v1", "ant"}})}}));
    const SendReport report = bus.send(KETTLE_BOILED, boiled("kitchen", 7));
    ASSERT_EQ(report.topics.size(), 2U);
    EXPECT_EQ(report.topics[0].topic.str(), "dev-ant");
    EXPECT_EQ(report.topics[1].topic.str(), "dev-zebra");
    for (const TopicResult& result : report.topics) {
        EXPECT_EQ(result.key, "kitchen");
        EXPECT_EQ(result.failure, nullptr);
        const auto events = stored(result.topic.str());
        ASSERT_EQ(events.size(), 1U);
        EXPECT_EQ(events[0].position, result.position);
        EXPECT_EQ(events[0].key, "kitchen");
        EXPECT_EQ(events[0].metadata, report.metadata);
        EXPECT_EQ(KETTLE_BOILED.decode(events[0].payload), boiled("kitchen", 7));
        ASSERT_NE(events[0].writer_schema, nullptr);
        EXPECT_EQ(*events[0].writer_schema, KETTLE_BOILED.type().schema);
    }
}

TEST_F(SendTest, KeysThatAreNoTextStandAsJson) {
    Bus bus(
        memory_options({{"EVENT_BUS_PRODUCER_CONFIG",
                         producer_config({{"org.example.kettle.boiled.v1", "kettles"}}, "kettle.degrees")}}));
    EXPECT_EQ(bus.send(KETTLE_BOILED, boiled("kitchen", 7)).topics.at(0).key, "7");
}

TEST_F(SendTest, ANullKeyIsNoKey) {
    Bus bus(
        memory_options({{"EVENT_BUS_PRODUCER_CONFIG",
                         producer_config({{"org.example.kettle.boiled.v1", "kettles"}}, "kettle.owner")}}));
    EXPECT_EQ(bus.send(KETTLE_BOILED, boiled("kitchen")).topics.at(0).key, std::nullopt);
    KettleBoiled owned = boiled("kitchen");
    owned.kettle.owner = "Ada";
    EXPECT_EQ(bus.send(KETTLE_BOILED, owned).topics.at(0).key, "Ada");
}

TEST_F(SendTest, SeveralEventTypesGoToOneTopic) {
    Bus bus(kettle_options());
    bus.send(KETTLE_BOILED, boiled("kitchen"));
    bus.send(KETTLE_EMPTIED, kettle::KettleEmptied{boiled("kitchen").kettle});
    std::vector<std::string> types;
    for (const ReceivedEvent& event : stored("kettles")) types.push_back(event.metadata.event_type);
    EXPECT_THAT(types, ElementsAre("org.example.kettle.boiled.v1", "org.example.kettle.emptied.v1"));
}

TEST_F(SendTest, RobustlyAFailingHandlerIsLoggedAndTheOthersAndTopicsGetTheEvent) {
    Bus bus(kettle_options());
    bus.connect(KETTLE_BOILED, "broken", [](const KettleBoiled&) { throw std::runtime_error("no\nwater"); });
    bus.connect(KETTLE_BOILED, "odd", [](const KettleBoiled&) { throw 7; });
    EventRecorder recorder(bus, KETTLE_BOILED);
    const SendReport report = bus.send(KETTLE_BOILED, boiled("kitchen"));
    EXPECT_EQ(recorder.size(), 1U);
    EXPECT_EQ(stored("kettles").size(), 1U);
    ASSERT_EQ(report.handlers.size(), 3U);
    ASSERT_NE(report.handlers[0].error, nullptr);
    EXPECT_EQ(error_text(report.handlers[0].error), "no\nwater");
    ASSERT_NE(report.handlers[1].error, nullptr);
    EXPECT_EQ(report.handlers[2].error, nullptr);
    EXPECT_THAT(log_.lines(),
                ElementsAre("error: handler \"broken\" failed on org.example.kettle.boiled.v1 " +
                                report.metadata.id.to_string() + ": no\\nwater",
                            ::testing::StartsWith("error: handler \"odd\" failed on ")));
}

TEST_F(SendTest, StrictlyAFailingHandlerEndsTheSending) {
    Bus bus(kettle_options());
    bus.connect(KETTLE_BOILED, "broken", [](const KettleBoiled&) { throw std::runtime_error("no water"); });
    EventRecorder recorder(bus, KETTLE_BOILED);
    EXPECT_EQ(message_of<std::runtime_error>(
                  [&] { bus.send(KETTLE_BOILED, boiled("kitchen"), {.dispatch = Dispatch::strict}); }),
              "no water");
    EXPECT_EQ(recorder.size(), 0U);
    EXPECT_THAT(stored("kettles"), IsEmpty());
    EXPECT_THROW(bus.post(KETTLE_BOILED, boiled("kitchen"), {.dispatch = Dispatch::strict}),
                 std::runtime_error);
}

TEST_F(SendTest, ADisabledSignalGoesNowhere) {
    Bus bus(kettle_options());
    EventRecorder recorder(bus, KETTLE_BOILED);
    bus.disable(KETTLE_BOILED);
    EXPECT_FALSE(bus.is_enabled(KETTLE_BOILED));
    const SendReport report = bus.send(KETTLE_BOILED, boiled("kitchen"));
    EXPECT_FALSE(report.enabled);
    EXPECT_THAT(report.topics, IsEmpty());
    EXPECT_EQ(report.metadata.event_type, "org.example.kettle.boiled.v1");
    EXPECT_EQ(recorder.size(), 0U);
    EXPECT_THAT(stored("kettles"), IsEmpty());
    bus.enable(KETTLE_BOILED);
    EXPECT_TRUE(bus.send(KETTLE_BOILED, boiled("kitchen")).enabled);
    EXPECT_EQ(recorder.size(), 1U);
    bus.disable_all();
    EXPECT_FALSE(bus.is_enabled(KETTLE_BOILED));
    EXPECT_FALSE(bus.is_enabled(learning::STUDENT_REGISTRATION_COMPLETED));
    bus.enable_all();
    EXPECT_TRUE(bus.is_enabled(learning::STUDENT_REGISTRATION_COMPLETED));
}

TEST_F(SendTest, WithoutAProducerNothingIsSentToTopics) {
    Bus bus(kettle_options({{"EVENT_BUS_PRODUCER", ""}}));
    EventRecorder recorder(bus, KETTLE_BOILED);
    EXPECT_THAT(bus.send(KETTLE_BOILED, boiled("kitchen")).topics, IsEmpty());
    EXPECT_EQ(recorder.size(), 1U);
    EXPECT_THAT(message_of<SettingsError>([&] { static_cast<void>(bus.producer_broker()); }),
                HasSubstr("EVENT_BUS_PRODUCER"));
}

TEST_F(SendTest, HandlersMaySendAndTheirsDoesNotDisturbTheEventThatIsUnderWay) {
    Bus bus(kettle_options());
    bus.connect(KETTLE_BOILED, "sender", [&](const KettleBoiled& data) {
        bus.send(KETTLE_EMPTIED,
                 kettle::KettleEmptied{{"another room with a long name", data.kettle.degrees, {}}});
    });
    std::vector<std::string> raw;
    bus.connect_all("raw", [&](const RawEvent& event) {
        raw.push_back(event.type == &KETTLE_BOILED.type() ? KETTLE_BOILED.decode(event.payload).kettle.room
                                                          : KETTLE_EMPTIED.decode(event.payload).kettle.room);
    });
    bus.send(KETTLE_BOILED, boiled("kitchen"));
    EXPECT_THAT(raw, ElementsAre("another room with a long name", "kitchen"));
    std::vector<std::string> rooms;
    for (const ReceivedEvent& event : stored("kettles")) rooms.push_back(*event.key);
    EXPECT_THAT(rooms, ::testing::UnorderedElementsAre("another room with a long name", "kitchen"));
}

TEST_F(SendTest, ASignalThatTheCatalogueDoesNotHaveIsRefused) {
    BusOptions without = options({});
    without.catalogue = openedx_catalogue();
    Bus bus(std::move(without));
    EXPECT_THAT(message_of<InvalidValue>([&] { bus.send(KETTLE_BOILED, boiled("kitchen")); }),
                HasSubstr("org.example.kettle.boiled.v1"));
    EXPECT_THROW(bus.disable(KETTLE_BOILED), InvalidValue);
}

TEST_F(SendTest, TwoBusesOfAProcessAreIndependent) {
    BusOptions one = kettle_options();
    BusOptions two = kettle_options();
    // Each its own backend.
    one.backends = two.backends = standard_backends();
    Bus first(std::move(one));
    Bus second(std::move(two));
    EventRecorder recorder(second, KETTLE_BOILED);
    second.disable(KETTLE_EMPTIED);
    first.send(KETTLE_BOILED, boiled("kitchen"));
    EXPECT_EQ(recorder.size(), 0U);
    EXPECT_TRUE(first.is_enabled(KETTLE_EMPTIED));
    EXPECT_TRUE(first.producer_broker()->admin()->topic(TopicName("kettles")));
    EXPECT_FALSE(second.producer_broker()->admin()->topic(TopicName("kettles")));
}

TEST_F(SendTest, ProducerAndConsumerAreOneBrokerWhenTheyAreTheSame) {
    Bus bus(memory_options());
    EXPECT_EQ(bus.producer_broker(), bus.consumer_broker());
}

}  // namespace
}  // namespace eventbus::bus_test
