// What is generated from every_feature.yaml, as a program uses it.
#include <gmock/gmock.h>

#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "eventbus/avro/json_view.hpp"
#include "eventbus/avro/schema.hpp"
#include "eventbus/catalogue/catalogue.hpp"
#include "eventbus/event/error.hpp"
#include "every_feature.hpp"

namespace {

using namespace example::house;
using ::testing::ElementsAre;

template <class Data>
std::vector<std::byte> encoded(const eventbus::Signal<Data>& signal, const Data& data) {
    std::vector<std::byte> out;
    signal.encode(data, out);
    return out;
}

template <class Data>
std::string as_json(const eventbus::Signal<Data>& signal, const Data& data) {
    const auto schema = eventbus::avro::SchemaDocument::parse(signal.type().schema);
    std::string text;
    eventbus::avro::append_json(text, schema->root(), encoded(signal, data));
    return text;
}

DoorData front_door() {
    DoorData door{.id = eventbus::Uuid::parse("3fa85f64-5717-4562-b3fc-2c963f66afa6"),
                  .picture = {std::byte{7}}};
    door.owner = "Ada";
    door.opened = eventbus::parse_iso8601("2021-06-09T14:12:45Z");
    door.guests = {"Bob"};
    return door;
}

DoorOpened door_opened() {
    RoomData hall{.name = "hall", .plans = {{"2024", {1, -2}}}};
    hall.doors = {front_door(), front_door()};
    hall.by_name = {{"front", front_door()}};
    return {.door = front_door(), .room = hall};
}

TEST(Generated, DefaultsAreThoseOfTheYaml) {
    const DoorData door{.id = {}, .picture = {}};
    EXPECT_EQ(door.class_, "wood \"and\" glass?\?/");
    EXPECT_TRUE(door.is_open);
    EXPECT_EQ(door.opened, std::nullopt);
    EXPECT_EQ(door.times, std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(door.weight, 1.5);
    EXPECT_EQ(door.owner, std::nullopt);
    EXPECT_TRUE(door.guests.empty());
}

TEST(Generated, SignalsTellTheirEventTypes) {
    const eventbus::EventType& type = DOOR_OPENED.type();
    EXPECT_EQ(type.type, "org.example.house.door.opened.v1");
    EXPECT_EQ(type.minor_version, 3);
    EXPECT_EQ(type.constant, "DOOR_OPENED");
    EXPECT_EQ(type.subdomain, "house");
    EXPECT_EQ(type.python_path, "example.house.signals.DOOR_OPENED");
    EXPECT_EQ(type.description, "Somebody opened a door.");
    EXPECT_EQ(type.key_field, "door.owner");
    EXPECT_TRUE(type.openedx_events_serializes);
    EXPECT_FALSE(KEY_LOST.type().openedx_events_serializes);
    EXPECT_EQ(DELETE.type().key_field, "");
}

TEST(Generated, PersonalDataIsFoundInListsMapsAndRecords) {
    EXPECT_THAT(DOOR_OPENED.type().personal_data,
                ElementsAre("door.owner", "door.guests[]", "room.doors[].owner", "room.doors[].guests[]",
                            "room.main_door.owner", "room.main_door.guests[]", "room.by_name[].owner",
                            "room.by_name[].guests[]"));
    EXPECT_THAT(DELETE.type().personal_data, ElementsAre("number"));
    EXPECT_TRUE(KEY_LOST.type().personal_data.empty());
}

TEST(Generated, AllEventsAreListedAndVisited) {
    EXPECT_THAT(events(), ElementsAre(&DOOR_OPENED.type(), &DELETE.type(), &KEY_LOST.type()));
    std::vector<std::string_view> visited;
    visit_signals([&](const auto& signal) { visited.push_back(signal.type().constant); });
    EXPECT_THAT(visited, ElementsAre("DOOR_OPENED", "DELETE", "KEY_LOST"));
    eventbus::Catalogue catalogue;
    catalogue.add(events());
    EXPECT_EQ(&catalogue.resolve("house.DELETE"), &DELETE.type());
}

TEST(Generated, DataComesBackFromItsBytes) {
    const DoorOpened data = door_opened();
    const auto bytes = encoded(DOOR_OPENED, data);
    EXPECT_EQ(DOOR_OPENED.decode(bytes), data);
    DoorOpened other = data;
    other.room.by_name.at("front").times = 1;
    EXPECT_NE(DOOR_OPENED.decode(encoded(DOOR_OPENED, other)), data);
}

TEST(Generated, KeysComeBackFromTheirBytes) {
    const KeyData keys{
        .course = eventbus::CourseKey::parse("course-v1:edX+DemoX+2024"),
        .usage = eventbus::UsageKey::parse("block-v1:edX+DemoX+2024+type@problem+block@p1"),
        .ccx = eventbus::CcxLocator::parse("ccx-v1:edX+DemoX+2024+ccx@7"),
        .library = eventbus::LibraryLocatorV2::parse("lib:edX:Lib1"),
        .library_usage = eventbus::LibraryUsageLocatorV2::parse("lb:edX:Lib1:problem:p1"),
        .collection = eventbus::LibraryCollectionLocator::parse("lib-collection:edX:Lib1:c1"),
        .container = eventbus::LibraryContainerLocator::parse("lct:edX:Lib1:unit:u1"),
        .more = {eventbus::CourseKey::parse("edX/DemoX/2024")},
        .ratios = {{{{"a", 0.5}}, {}}, {}},
        .maybe = false,
    };
    const KeyLost data{.keys = {keys, keys}};
    EXPECT_EQ(KEY_LOST.decode(encoded(KEY_LOST, data)), data);
}

TEST(Generated, TheSchemaDescribesTheBytes) {
    EXPECT_EQ(as_json(DELETE, {.number = -1}), R"({"number":-1})");
    const std::string door =
        R"({"id":"3fa85f64-5717-4562-b3fc-2c963f66afa6","class":"wood \"and\" glass?)"
        "?/"
        R"(","is_open":true,)"
        R"("opened":"2021-06-09T14:12:45+00:00","times":-9223372036854775808,"weight":1.5,"picture":"Bw==",)"
        R"("owner":"Ada","guests":["Bob"]})";
    EXPECT_EQ(as_json(DOOR_OPENED, door_opened()),
              R"({"door":)" + door + R"(,"room":{"name":"hall","doors":[)" + door + "," + door +
                  R"(],"main_door":null,"by_name":{"front":)" + door + R"(},"plans":{"2024":[1,-2]}}})");
}

TEST(Generated, TheSchemaKeepsTheYamlsNames) {
    EXPECT_EQ(DELETE.type().schema,
              R"({"doc": "Avro Event Format for CloudEvents created with openedx_events/schema", )"
              R"("fields": [{"name": "number", "type": "long"}], "name": "CloudEvent", )"
              R"("namespace": "org.example.house.delete", "type": "record"})");
    EXPECT_THAT(std::string(DOOR_OPENED.type().schema),
                ::testing::HasSubstr(R"({"name": "class", "type": "string"})"));
    std::string illegal;
    EXPECT_FALSE(eventbus::avro::SchemaDocument::parse(KEY_LOST.type().schema)->has_legal_names(&illegal));
    EXPECT_TRUE(eventbus::avro::SchemaDocument::parse(DOOR_OPENED.type().schema)->has_legal_names());
}

// The bound on a block's items is only as good as these.
TEST(Generated, LeastSizesAreThoseOfTheSchema) {
    const auto least = [](const eventbus::EventType& type) {
        return eventbus::avro::SchemaDocument::parse(type.schema)->root().least_size;
    };
    EXPECT_EQ(eventbus::avro::Codec<DoorOpened>::least_size, least(DOOR_OPENED.type()));
    EXPECT_EQ(eventbus::avro::Codec<Delete>::least_size, least(DELETE.type()));
    EXPECT_EQ(eventbus::avro::Codec<KeyLost>::least_size, least(KEY_LOST.type()));
}

TEST(Generated, StructsAreAggregatesThatMoveWithoutThrowing) {
    static_assert(std::is_aggregate_v<DoorOpened>);
    static_assert(std::is_nothrow_move_constructible_v<DoorOpened>);
}

TEST(Generated, WrongBytesAndTextsAreRefused) {
    auto bytes = encoded(DELETE, {.number = 1});
    bytes.push_back(std::byte{0});
    EXPECT_THROW(static_cast<void>(DELETE.decode(bytes)), eventbus::DecodeError);
    DoorOpened data = door_opened();
    data.room.name = "\xff";
    EXPECT_THROW(encoded(DOOR_OPENED, data), eventbus::InvalidValue);
}

}  // namespace
