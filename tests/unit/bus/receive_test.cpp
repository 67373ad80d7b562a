#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

#include "eventbus/bus/testing.hpp"
#include "fixture.hpp"
#include "newer_kettle.hpp"
#include "other_kettle.hpp"

namespace eventbus::bus_test {
namespace {

using kettle::KETTLE_BOILED;
using kettle::KettleBoiled;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Events that came from a broker.
class ReceiveTest : public BusTest {
  protected:
    /// As a sender sends it whose wire tells the schema.
    template <class Data>
    static ReceivedEvent with_schema(const Signal<Data>& signal, const Data& data) {
        ReceivedEvent event = received(signal, data);
        event.writer_schema = std::make_shared<const std::string>(signal.type().schema);
        return event;
    }
};

TEST_F(ReceiveTest, HandlersGetItAndItIsNotSentAgain) {
    Bus bus(kettle_options());
    const ReceivedEvent event = with_schema(KETTLE_BOILED, boiled("kitchen", 7));
    EventRecorder recorder(bus, KETTLE_BOILED);
    bus.connect(KETTLE_BOILED, "curious", [&](const KettleBoiled&, const EventContext& context) {
        EXPECT_TRUE(context.from_bus());
        EXPECT_EQ(context.received, &event);
    });
    bus.connect_all("raw", [&](const RawEvent& raw) {
        EXPECT_EQ(raw.received, &event);
        EXPECT_EQ(raw.type, &KETTLE_BOILED.type());
        EXPECT_EQ(raw.payload.data(), event.payload.data());
        ASSERT_NE(raw.schema, nullptr);
        EXPECT_EQ(raw.schema->json(), KETTLE_BOILED.type().schema);
    });
    const HandlingReport report = bus.handle(event);
    EXPECT_TRUE(report.succeeded());
    EXPECT_FALSE(report.failed());
    EXPECT_EQ(report.unusable, std::nullopt);
    EXPECT_THAT(names(report.handlers), ElementsAre("recorder", "curious", "raw"));
    const auto recorded = recorder.events();
    ASSERT_EQ(recorded.size(), 1U);
    EXPECT_TRUE(recorded[0].from_bus);
    EXPECT_EQ(recorded[0].data, boiled("kitchen", 7));
    EXPECT_EQ(recorded[0].metadata, event.metadata);
    EXPECT_THAT(stored("kettles"), IsEmpty());
}

TEST_F(ReceiveTest, EveryHandlerIsCalledWhateverOthersThrow) {
    Bus bus(options({}));
    bus.connect(KETTLE_BOILED, "broken", [](const KettleBoiled&) { throw std::runtime_error("no water"); });
    bus.connect(KETTLE_BOILED, "odd", [](const KettleBoiled&) { throw 7; });
    EventRecorder recorder(bus, KETTLE_BOILED);
    const HandlingReport report = bus.handle(received(KETTLE_BOILED, boiled("kitchen")));
    EXPECT_EQ(recorder.size(), 1U);
    EXPECT_TRUE(report.failed());
    EXPECT_FALSE(report.succeeded());
    ASSERT_EQ(report.handlers.size(), 3U);
    EXPECT_EQ(error_text(report.handlers[0].error), "no water");
    EXPECT_THAT(error_text(report.handlers[1].error), HasSubstr("no std::exception"));
    EXPECT_EQ(report.handlers[2].error, nullptr);
}

TEST_F(ReceiveTest, ADisabledSignalIsNotHandled) {
    Bus bus(options({}));
    EventRecorder recorder(bus, KETTLE_BOILED);
    bus.connect_all("raw", [](const RawEvent&) { FAIL(); });
    bus.disable(KETTLE_BOILED);
    const HandlingReport report = bus.handle(received(KETTLE_BOILED, boiled("kitchen")));
    EXPECT_TRUE(report.succeeded());
    EXPECT_THAT(report.handlers, IsEmpty());
    EXPECT_EQ(recorder.size(), 0U);
}

TEST_F(ReceiveTest, AnEventWithUnusableMetadataGoesToNobody) {
    Bus bus(options({}));
    EventRecorder recorder(bus, KETTLE_BOILED);
    bus.connect_all("raw", [](const RawEvent&) { FAIL(); });
    ReceivedEvent event = received(KETTLE_BOILED, boiled("kitchen"));
    event.unusable = "the id \"x\" is not a UUID";
    const HandlingReport report = bus.handle(event);
    EXPECT_EQ(report.unusable, "the id \"x\" is not a UUID");
    EXPECT_FALSE(report.succeeded());
    EXPECT_EQ(recorder.size(), 0U);
}

TEST_F(ReceiveTest, AnUnknownTypeGoesToHandlersOfAllEvents) {
    BusOptions plain = options({});
    plain.catalogue = openedx_catalogue();
    Bus bus(std::move(plain));
    std::vector<std::string> seen;
    bus.connect_all("raw", [&](const RawEvent& raw) {
        EXPECT_EQ(raw.type, nullptr);
        seen.push_back(raw.schema ? raw.schema->root().full_name : std::string(raw.schema_problem));
    });
    const HandlingReport report = bus.handle(received(KETTLE_BOILED, boiled("kitchen")));
    ASSERT_TRUE(report.unusable);
    EXPECT_THAT(*report.unusable, HasSubstr("\"org.example.kettle.boiled.v1\""));
    EXPECT_THAT(names(report.handlers), ElementsAre("raw"));
    bus.handle(with_schema(KETTLE_BOILED, boiled("kitchen")));
    EXPECT_THAT(seen, ElementsAre(HasSubstr("did not come with the event"), HasSubstr("CloudEvent")));
}

TEST_F(ReceiveTest, DataThatLiesIsUnusableAndOthersStillSeeIt) {
    Bus bus(options({}));
    EventRecorder recorder(bus, KETTLE_BOILED);
    int raw = 0;
    bus.connect_all("raw", [&](const RawEvent&) { ++raw; });
    ReceivedEvent cut = received(KETTLE_BOILED, boiled("kitchen"));
    cut.payload.pop_back();
    ReceivedEvent padded = received(KETTLE_BOILED, boiled("kitchen"));
    padded.payload.push_back(std::byte{0});
    ReceivedEvent huge = received(KETTLE_BOILED, boiled("kitchen"));
    huge.payload.assign(9, std::byte{0xff});
    for (const ReceivedEvent* event : {&cut, &padded, &huge}) {
        const HandlingReport report = bus.handle(*event);
        ASSERT_TRUE(report.unusable);
        EXPECT_THAT(*report.unusable, HasSubstr("the data of org.example.kettle.boiled.v1 cannot be read"));
        EXPECT_THAT(names(report.handlers), ElementsAre("raw"));
    }
    EXPECT_EQ(recorder.size(), 0U);
    EXPECT_EQ(raw, 3);
}

TEST_F(ReceiveTest, ANewerSendersDataIsReadAsOurs) {
    Bus bus(options({}));
    EventRecorder recorder(bus, KETTLE_BOILED);
    const newer_kettle::KettleBoiled newer{{.make = "ACME", .degrees = 7, .room = "kitchen"}};
    EXPECT_TRUE(bus.handle(with_schema(newer_kettle::KETTLE_BOILED, newer)).succeeded());
    ASSERT_EQ(recorder.size(), 1U);
    EXPECT_EQ(recorder.events()[0].data, boiled("kitchen", 7));
}

TEST_F(ReceiveTest, AnOlderSendersDataIsReadWithDefaults) {
    BusOptions newer = options({});
    newer.catalogue = openedx_catalogue();
    newer.catalogue.add(newer_kettle::events());
    Bus bus(std::move(newer));
    EventRecorder recorder(bus, newer_kettle::KETTLE_BOILED);
    EXPECT_TRUE(bus.handle(with_schema(KETTLE_BOILED, boiled("kitchen", 7))).succeeded());
    ASSERT_EQ(recorder.size(), 1U);
    EXPECT_EQ(recorder.events()[0].data,
              (newer_kettle::KettleBoiled{{.make = std::nullopt, .degrees = 7, .room = "kitchen"}}));
}

TEST_F(ReceiveTest, HandlersOfAllEventsGetTheSendersSchema) {
    Bus bus(options({}));
    const auto event = with_schema(newer_kettle::KETTLE_BOILED, newer_kettle::KettleBoiled{});
    std::string seen;
    bus.connect_all("raw", [&](const RawEvent& raw) { seen = raw.schema->json(); });
    bus.handle(event);
    EXPECT_EQ(seen, newer_kettle::KETTLE_BOILED.type().schema);
    ASSERT_NE(bus.schema_of(event), nullptr);
    EXPECT_EQ(bus.schema_of(event)->json(), newer_kettle::KETTLE_BOILED.type().schema);
}

TEST_F(ReceiveTest, ASchemaThatDoesNotFitIsUnusable) {
    Bus bus(options({}));
    EventRecorder recorder(bus, KETTLE_BOILED);
    for (int i = 0; i < 2; ++i) {
        const HandlingReport report = bus.handle(
            with_schema(other_kettle::KETTLE_BOILED, other_kettle::KettleBoiled{{"kitchen", "very hot"}}));
        ASSERT_TRUE(report.unusable);
        EXPECT_THAT(*report.unusable, AllOf(HasSubstr("does not fit ours"), HasSubstr("degrees")));
    }
    EXPECT_EQ(recorder.size(), 0U);
}

TEST_F(ReceiveTest, ASchemaThatIsNoneIsUnusableAndSaysWhy) {
    Bus bus(options({}));
    EventRecorder recorder(bus, KETTLE_BOILED);
    ReceivedEvent event = received(KETTLE_BOILED, boiled("kitchen"));
    event.writer_schema = std::make_shared<const std::string>("{");
    std::string problem_of_raw;
    bus.connect_all("raw", [&](const RawEvent& raw) { problem_of_raw = raw.schema_problem; });
    const HandlingReport report = bus.handle(event);
    ASSERT_TRUE(report.unusable);
    EXPECT_THAT(*report.unusable, HasSubstr("schema cannot be used"));
    EXPECT_THAT(problem_of_raw, HasSubstr("schema cannot be used"));
    std::string problem;
    EXPECT_EQ(bus.schema_of(event, &problem), nullptr);
    EXPECT_EQ(problem, problem_of_raw);
    EXPECT_EQ(bus.schema_of(event), nullptr);
}

TEST_F(ReceiveTest, MoreSchemasThanAreKeptAreHandledAllTheSame) {
    Bus bus(options({}));
    EventRecorder recorder(bus, KETTLE_BOILED);
    const std::string schema(KETTLE_BOILED.type().schema);
    for (int round = 0; round < 2; ++round)
        for (int i = 0; i < 300; ++i) {
            ReceivedEvent event = received(KETTLE_BOILED, boiled("kitchen", i));
            std::string text = schema;
            text.insert(1, R"("edition": ")" + std::to_string(i) + R"(", )");
            event.writer_schema = std::make_shared<const std::string>(std::move(text));
            EXPECT_TRUE(bus.handle(event).succeeded());
        }
    EXPECT_EQ(recorder.size(), 600U);
}

TEST_F(ReceiveTest, SeveralThreadsHandleEventsOfSeveralWriters) {
    Bus bus(options({}));
    EventRecorder recorder(bus, KETTLE_BOILED);
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 3; ++thread)
            threads.emplace_back([&] {
                for (int i = 0; i < 100; ++i) {
                    EXPECT_TRUE(bus.handle(with_schema(KETTLE_BOILED, boiled("kitchen", i))).succeeded());
                    EXPECT_TRUE(
                        bus.handle(with_schema(newer_kettle::KETTLE_BOILED, newer_kettle::KettleBoiled{}))
                            .succeeded());
                }
            });
    }
    EXPECT_EQ(recorder.size(), 600U);
}

}  // namespace
}  // namespace eventbus::bus_test
