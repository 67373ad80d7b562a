#include <gtest/gtest.h>

#include "eventbus/bus/cloudevent_json.hpp"
#include "fixture.hpp"

namespace eventbus::bus_test {
namespace {

using kettle::KETTLE_BOILED;
using ::testing::HasSubstr;

const std::string attributes =
    R"({"specversion":"1.0","id":"b0c8c7a2-8f3e-11ee-b9d1-0242ac120002","source":"openedx/kitchen/web",)"
    R"("type":"org.example.kettle.boiled.v1","time":"2024-05-06T07:08:09.000010+00:00",)";
const std::string extensions = R"("minorversion":0,"sourcehost":"stove","sourcelib":"11.2.0")";
const std::string place = R"(,"topic":"kettles","partition":3,"position":"42","key":"kitchen")";
const std::string json_data = R"({"kettle":{"room":"kitchen","degrees":7,"owner":null}})";

RawEvent raw_event(const ReceivedEvent& event, bool is_received) {
    return {.type = &KETTLE_BOILED.type(),
            .metadata = event.metadata,
            .payload = event.payload,
            .schema = avro::SchemaDocument::parse(KETTLE_BOILED.type().schema),
            .schema_problem = {},
            .received = is_received ? &event : nullptr};
}

std::string line_of(const RawEvent& event) {
    std::string line = "before ";
    append_cloudevent(line, event);
    return line.substr(7);
}

TEST(CloudEventJson, AnEventThatWasReceivedHasItsPlace) {
    const ReceivedEvent event = received(KETTLE_BOILED, boiled("kitchen", 7));
    EXPECT_EQ(line_of(raw_event(event, true)), attributes + R"("datacontenttype":"application/json",)" +
                                                   extensions + place + R"(,"data":)" + json_data + "}");
}

TEST(CloudEventJson, AnEventThatIsSentHasNone) {
    const ReceivedEvent event = received(KETTLE_BOILED, boiled("kitchen", 7));
    EXPECT_EQ(line_of(raw_event(event, false)), attributes + R"("datacontenttype":"application/json",)" +
                                                    extensions + R"(,"data":)" + json_data + "}");
}

TEST(CloudEventJson, AKeyThatIsNotThereIsLeftOut) {
    ReceivedEvent event = received(KETTLE_BOILED, boiled("kitchen", 7));
    event.key.reset();
    EXPECT_THAT(line_of(raw_event(event, true)), ::testing::Not(HasSubstr("\"key\"")));
}

TEST(CloudEventJson, TextIsEscapedAndOnOneLine) {
    ReceivedEvent event = received(KETTLE_BOILED, boiled("kit\"chen\n\u00e9"));
    event.metadata.sourcehost = "sto\"ve\n";
    const std::string line = line_of(raw_event(event, true));
    EXPECT_THAT(line, HasSubstr(R"("sourcehost":"sto\"ve\n")"));
    EXPECT_THAT(line, HasSubstr("\"room\":\"kit\\\"chen\\n\u00e9\""));
    EXPECT_EQ(line.find('\n'), std::string::npos);
}

TEST(CloudEventJson, DataThatCannotBeReadStandsAsItCame) {
    const ReceivedEvent event = received(KETTLE_BOILED.type(), {std::byte{0xff}});
    const std::string line = line_of(raw_event(event, true));
    EXPECT_THAT(line, ::testing::StartsWith(attributes + R"("datacontenttype":"application/avro",)" +
                                            extensions + place + R"(,"dataerror":")"));
    EXPECT_THAT(line, ::testing::EndsWith(R"(","data_base64":"/w=="})"));
    RawEvent unknown = raw_event(event, true);
    unknown.schema = nullptr;
    unknown.schema_problem = "nobody knows";
    EXPECT_THAT(line_of(unknown), HasSubstr(R"("dataerror":"nobody knows","data_base64":"/w==")"));
}

TEST(CloudEventJson, WhatIsWrittenIsReadAgain) {
    const ReceivedEvent event = received(KETTLE_BOILED, boiled("kitchen", 7));
    for (const bool is_received : {false, true}) {
        const auto read = read_cloudevent(line_of(raw_event(event, is_received)));
        ASSERT_TRUE(read);
        EXPECT_EQ(read->metadata({}), event.metadata);
        EXPECT_EQ(std::get<std::string>(read->data), json_data);
    }
    const ReceivedEvent broken = received(KETTLE_BOILED.type(), {std::byte{0xff}, std::byte{0}});
    const auto read = read_cloudevent(line_of(raw_event(broken, true)));
    ASSERT_TRUE(read);
    EXPECT_EQ(std::get<std::vector<std::byte>>(read->data), broken.payload);
}

TEST(CloudEventJson, WhatIsLeftOutTakesTheDefaults) {
    const auto read = read_cloudevent(
        R"( { "data" : [1, {"a": "}"}] , "type":"t", "source":"s",
              "id":"{B0C8C7A28F3E11EEB9D10242AC120002}", "specversion":"1.0" } )");
    ASSERT_TRUE(read);
    EXPECT_EQ(std::get<std::string>(read->data), R"([1, {"a": "}"}])");
    EventMetadata defaults = received(KETTLE_BOILED.type(), {}).metadata;
    defaults.minorversion = 3;
    const EventMetadata metadata = read->metadata(defaults);
    EXPECT_EQ(metadata.event_type, "t");
    EXPECT_EQ(metadata.source, "s");
    EXPECT_EQ(metadata.id, defaults.id);
    EXPECT_EQ(metadata.minorversion, 3);
    EXPECT_EQ(metadata.sourcehost, "stove");
    EXPECT_EQ(metadata.sourcelib, "11.2.0");
    EXPECT_EQ(metadata.time, defaults.time);
}

TEST(CloudEventJson, AnObjectWithoutSpecversionIsNoCloudEvent) {
    EXPECT_EQ(read_cloudevent("{}"), std::nullopt);
    EXPECT_EQ(read_cloudevent(R"({"kettle": {"specversion": "1.0"}, "kettle": 1})"), std::nullopt);
}

/// A line that is right but for what is put in place of a member's value; an empty value leaves it out.
std::string line_with(const std::string& name, const std::string& value) {
    const std::vector<std::pair<std::string, std::string>> right{
        {"specversion", "\"1.0\""},
        {"id", "\"b0c8c7a2-8f3e-11ee-b9d1-0242ac120002\""},
        {"source", "\"s\""},
        {"type", "\"t\""},
        {"data", "{}"},
    };
    std::string line;
    bool is_placed = false;
    const auto add = [&line](const std::string& member, const std::string& text) {
        if (!text.empty()) line += (line.empty() ? "\"" : ",\"") + member + "\":" + text;
    };
    for (const auto& [member, text] : right) {
        add(member, member == name ? value : text);
        is_placed = is_placed || member == name;
    }
    if (!is_placed) add(name, value);
    return "{" + line + "}";
}

TEST(CloudEventJson, WrongMembersAreNamed) {
    const std::vector<std::tuple<std::string, std::string, std::string>> wrong{
        {"specversion", "\"0.3\"", "specversion"},
        {"specversion", "1.0", "specversion"},
        {"id", "", "id is missing"},
        {"id", "\"\"", "id is empty"},
        {"id", "\"x\"", "\"x\" is not a UUID"},
        {"id", "7", "id must be a JSON string"},
        {"source", "", "source is missing"},
        {"source", R"("\ud800")", "source must be a JSON string"},
        {"type", "", "type is missing"},
        {"type", std::string(100'000, '[') + std::string(100'000, ']'), "type must be a JSON string"},
        {"time", "\"noon\"", "time is wrong"},
        {"minorversion", "1.5", "minorversion"},
        {"minorversion", "\"1\"", "minorversion"},
        {"minorversion", "2147483648", "minorversion"},
        {"sourcehost", "null", "sourcehost"},
        {"sourcelib", "\"new\"", "sourcelib"},
        {"data", "", "data is missing"},
        {"data_base64", "\"AA==\"", "cannot both be there"},
        {"datacontenttype", "\"text/xml\"", "datacontenttype"},
        {"subject", "1", "\"subject\" is not a member that is known here"},
        {"id\":\"x\",\"id", "\"x\"", "\"id\" is there twice"},
    };
    for (const auto& [name, value, expected] : wrong)
        EXPECT_THAT(
            message_of<InvalidValue>([&] { static_cast<void>(read_cloudevent(line_with(name, value))); }),
            HasSubstr(expected))
            << name << ": " << value.substr(0, 100);
    EXPECT_TRUE(read_cloudevent(line_with("datacontenttype", "\"application/json; charset=utf-8\"")));
}

TEST(CloudEventJson, WrongBase64IsRefused) {
    const auto refusal = [](const std::string& members) {
        return message_of<InvalidValue>([&] {
            static_cast<void>(
                read_cloudevent(R"({"specversion":"1.0","id":"b0c8c7a28f3e11eeb9d10242ac120002",)"
                                R"("source":"s","type":"t",)" +
                                members + "}"));
        });
    };
    EXPECT_THAT(refusal(R"("data_base64":"A")"), HasSubstr("data_base64"));
    EXPECT_THAT(refusal(R"("data_base64":7)"), HasSubstr("data_base64"));
    EXPECT_THAT(refusal(R"("data_base64":"AA==","datacontenttype":"application/json")"),
                HasSubstr("application/avro"));
}

TEST(CloudEventJson, WhatIsNoObjectIsRefusedWithItsColumn) {
    for (const std::string text :
         {"", " ", "7", "[]", "{", R"({"a")", R"({"a":)", R"({"a":1)", R"({"a":1,})", R"({"a":1} x)",
          R"({a:1})", R"({"a" 1})", R"({"a":"x)", R"({"a":[1})", R"({"\ud800":1})", R"({"a":1 "b":2})"})
        EXPECT_THAT(message_of<DecodeError>([&] { static_cast<void>(read_cloudevent(text)); }),
                    HasSubstr("column"))
            << text;
    EXPECT_THROW(static_cast<void>(read_cloudevent("{\"\xff\":1}")), DecodeError);
    EXPECT_THROW(static_cast<void>(read_cloudevent(std::string((16U << 20U) + 1, ' '))), DecodeError);
}

TEST(CloudEventJson, EventsGoRoundThroughABus) {
    Bus bus(BusOptions{.settings = Settings().with({{"EVENT_BUS_PRODUCER", "memory"}}),
                       .catalogue = catalogue()});
    std::string line;
    bus.connect_all("print", [&](const RawEvent& event) { append_cloudevent(line, event); });
    const EventMetadata metadata = bus.send(KETTLE_BOILED, boiled("kitchen", 7)).metadata;
    const auto read = read_cloudevent(line);
    ASSERT_TRUE(read);
    const Route route = bus.route(bus.catalogue().resolve(read->type), "kettles", "kettle.room");
    std::vector<std::byte> payload;
    route.append_avro(payload, std::get<std::string>(read->data));
    bus.send_raw(route, payload, {.metadata = read->metadata(bus.make_metadata(route.type()))});
    const auto events = stored_in(*bus.producer_broker(), "kettles");
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].metadata, metadata);
    EXPECT_EQ(KETTLE_BOILED.decode(events[0].payload), boiled("kitchen", 7));
}

}  // namespace
}  // namespace eventbus::bus_test
