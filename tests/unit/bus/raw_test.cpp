#include <gtest/gtest.h>

#include "eventbus/bus/testing.hpp"
#include "fixture.hpp"
#include "newer_kettle.hpp"

namespace eventbus::bus_test {
namespace {

using kettle::KETTLE_BOILED;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Events that are encoded already.
class RawTest : public BusTest {
  protected:
    static std::vector<std::byte> encoded(const kettle::KettleBoiled& data) {
        std::vector<std::byte> payload;
        KETTLE_BOILED.encode(data, payload);
        return payload;
    }
};

TEST_F(RawTest, GoesToItsRouteAndNowhereElse) {
    Bus bus(kettle_options({{"EVENT_BUS_TOPIC_PREFIX", "dev"}}));
    EventRecorder recorder(bus, KETTLE_BOILED);
    bus.disable(KETTLE_BOILED);
    const Route route = bus.route(KETTLE_BOILED.type(), "other", "kettle.owner");
    EXPECT_EQ(route.topic().str(), "dev-other");
    EXPECT_EQ(&route.type(), &KETTLE_BOILED.type());
    kettle::KettleBoiled data = boiled("kitchen");
    data.kettle.owner = "Ada";
    const SendReport report = bus.send_raw(route, encoded(data));
    EXPECT_EQ(recorder.size(), 0U);
    ASSERT_EQ(report.topics.size(), 1U);
    EXPECT_EQ(report.topics[0].key, "Ada");
    EXPECT_THAT(stored("dev-kettles"), IsEmpty());
    const auto events = stored("dev-other");
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].payload, encoded(data));
    EXPECT_EQ(events[0].key, "Ada");
    EXPECT_EQ(events[0].metadata, report.metadata);
}

TEST_F(RawTest, ARouteNeedNotHaveAKey) {
    Bus bus(memory_options());
    const Route route = bus.route(KETTLE_BOILED.type(), "kettles", "");
    EXPECT_EQ(bus.send_raw(route, encoded(boiled("kitchen"))).topics.at(0).key, std::nullopt);
}

TEST_F(RawTest, WrongRoutesAreRefused) {
    const Bus bus(memory_options());
    EXPECT_THAT(message_of<InvalidValue>(
                    [&] { static_cast<void>(bus.route(KETTLE_BOILED.type(), "kettles", "kettle.roof")); }),
                HasSubstr("kettle.roof"));
    EXPECT_THAT(
        message_of<InvalidValue>([&] { static_cast<void>(bus.route(KETTLE_BOILED.type(), "ket tles", "")); }),
        HasSubstr("ket tles"));
    EXPECT_THROW(static_cast<void>(bus.route(KETTLE_BOILED.type(), "", "")), InvalidValue);
}

TEST_F(RawTest, ATypeThatTheCatalogueDoesNotHaveCanBeSent) {
    BusOptions plain = memory_options();
    plain.catalogue = openedx_catalogue();
    Bus without(std::move(plain));
    Bus older(memory_options());
    for (Bus* bus : {&without, &older}) {
        const Route route = bus->route(newer_kettle::KETTLE_BOILED.type(), "kettles", "kettle.make");
        std::vector<std::byte> payload;
        route.append_avro(payload, R"({"kettle": {"room": "kitchen", "degrees": 7, "make": "ACME"}})");
        EXPECT_EQ(bus->send_raw(route, payload).topics.at(0).key, "ACME");
    }
    for (const ReceivedEvent& event : stored("kettles")) {
        EXPECT_EQ(newer_kettle::KETTLE_BOILED.decode(event.payload).kettle.make, "ACME");
        EXPECT_EQ(*event.writer_schema, newer_kettle::KETTLE_BOILED.type().schema);
    }
}

TEST_F(RawTest, JsonBecomesAvroOrIsRefusedWithItsPath) {
    const Bus bus(memory_options());
    const Route route = bus.route(KETTLE_BOILED.type(), "kettles", "");
    std::vector<std::byte> payload{std::byte{1}};
    route.append_avro(payload, R"({"kettle": {"room": "kitchen", "degrees": 100, "owner": null}})");
    std::vector<std::byte> expected{std::byte{1}};
    KETTLE_BOILED.encode(boiled("kitchen"), expected);
    EXPECT_EQ(payload, expected);
    EXPECT_THAT(message_of<InvalidValue>(
                    [&] { route.append_avro(payload, R"({"kettle": {"room": 3, "degrees": 1}})"); }),
                HasSubstr("kettle.room"));
    EXPECT_THROW(route.append_avro(payload, "{"), DecodeError);
    EXPECT_EQ(payload, expected);
}

TEST_F(RawTest, WithoutAProducerItIsRefused) {
    Bus bus(options({}));
    const Route route = bus.route(KETTLE_BOILED.type(), "kettles", "");
    const auto payload = encoded(boiled("kitchen"));
    EXPECT_THAT(message_of<SettingsError>([&] { bus.send_raw(route, payload); }),
                HasSubstr("EVENT_BUS_PRODUCER is not set"));
    EXPECT_THROW(bus.post_raw(route, payload), SettingsError);
}

TEST_F(RawTest, MetadataOfAnotherEventIsRefused) {
    Bus bus(memory_options());
    const Route route = bus.route(KETTLE_BOILED.type(), "kettles", "");
    const SendOptions other{.metadata = bus.make_metadata(kettle::KETTLE_EMPTIED.type())};
    EXPECT_THROW(bus.send_raw(route, encoded(boiled("a")), other), InvalidValue);
    EXPECT_THROW(bus.post_raw(route, encoded(boiled("a")), other), InvalidValue);
    EXPECT_THAT(stored("kettles"), IsEmpty());
}

TEST_F(RawTest, APayloadWhoseKeyCannotBeReadIsRefused) {
    Bus bus(memory_options());
    const Route keyed = bus.route(KETTLE_BOILED.type(), "kettles", "kettle.room");
    const std::vector<std::byte> lying{std::byte{0x7e}, std::byte{'a'}};
    EXPECT_THROW(bus.send_raw(keyed, lying), DecodeError);
    EXPECT_THROW(bus.post_raw(keyed, lying), DecodeError);
    EXPECT_THAT(stored("kettles"), IsEmpty());
    // Beyond its key nobody looks at it.
    bus.send_raw(bus.route(KETTLE_BOILED.type(), "kettles", ""), lying);
    EXPECT_EQ(stored("kettles").size(), 1U);
}

TEST_F(RawTest, AFailureIsThrownOrTold) {
    faults_->refuse = [](const OutgoingEvent&) { return std::make_exception_ptr(StorageFull("full")); };
    Bus bus(faulty_options());
    const Route route = bus.route(KETTLE_BOILED.type(), "kettles", "kettle.room");
    const auto payload = encoded(boiled("kitchen"));
    EXPECT_THAT(message_of<SendFailed>([&] { bus.send_raw(route, payload); }),
                AllOf(HasSubstr("full"), HasSubstr("\"kitchen\"")));
    std::vector<SendReport> told;
    bus.post_raw(route, payload, {}, [&](const SendReport& report) { told.push_back(report); });
    ASSERT_EQ(told.size(), 1U);
    EXPECT_FALSE(told[0].stored());
}

TEST_F(RawTest, PostingTellsWhereItIsStored) {
    Bus bus(memory_options());
    const Route route = bus.route(KETTLE_BOILED.type(), "kettles", "kettle.room");
    std::vector<SendReport> told;
    bus.post_raw(route, encoded(boiled("kitchen")), {},
                 [&](const SendReport& report) { told.push_back(report); });
    EXPECT_TRUE(bus.flush(patience));
    ASSERT_EQ(told.size(), 1U);
    EXPECT_TRUE(told[0].stored());
    EXPECT_EQ(stored("kettles").at(0).position, told[0].topics.at(0).position);
}

}  // namespace
}  // namespace eventbus::bus_test
