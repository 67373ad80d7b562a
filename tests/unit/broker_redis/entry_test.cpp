#include "eventbus/broker/redis/entry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eventbus/event/error.hpp"
#include "reply_of.hpp"

namespace eventbus::redis_streams {

namespace {

using testing::HasSubstr;

constexpr std::string_view entry_id = "1679676448892-3";

EventMetadata metadata() {
    return {.event_type = "org.example.kettle.v1",
            .id = Uuid::parse("5b9a1c4e-cab8-11ed-9e0a-0242ac120002"),
            .minorversion = 2,
            .source = "openedx/lms/web",
            .sourcehost = "host",
            .time = parse_iso8601("2023-03-24T16:47:28.892301+00:00"),
            .sourcelib = "11.2.0"};
}

struct Written {
    const TopicName topic{"dev-kettles"};
    EventMetadata metadata = redis_streams::metadata();
    std::string payload = "data";
    std::optional<std::string> key = {};
    Headers headers = {};

    [[nodiscard]] OutgoingEvent event() const {
        OutgoingEvent event{.topic = &topic,
                            .metadata = &metadata,
                            .key = {},
                            .payload = std::as_bytes(std::span(payload)),
                            .schema = {},
                            .headers = &headers,
                            .keep = false};
        if (key) event.key = EventKey{.text = *key, .avro = {}, .schema = {}};
        return event;
    }
};

std::string resp(const OutgoingEvent& event) {
    redis::CommandBuffer command;
    command.begin(field_words(event));
    write_fields(command, event);
    const auto bytes = command.bytes();
    return {bytes.begin(), bytes.end()};
}

std::string resp(const std::vector<std::string_view>& words) {
    redis::CommandBuffer command;
    command.begin(words.size());
    for (const std::string_view word : words) command.word(word);
    const auto bytes = command.bytes();
    return {bytes.begin(), bytes.end()};
}

ReceivedEvent read(const std::vector<std::string_view>& words, std::string_view id = entry_id) {
    return read_entry(TopicName("dev-kettles"), EntryReply(id, words).view());
}

/// What comes back of an event that was written.
ReceivedEvent again(const Written& written) {
    redis::CommandBuffer bytes;
    bytes.begin(2);
    bytes.word(entry_id);
    bytes.begin(field_words(written.event()));
    write_fields(bytes, written.event());
    redis::ReplyReader reader(std::size_t{1} << 20);
    reader.feed(bytes.bytes());
    return read_entry(written.topic, reader.next()->view());
}

/// What a Python producer writes, with some fields changed; without a value a field is left out.
class Fields {
  public:
    Fields& set(std::string_view name, std::optional<std::string_view> value) {
        for (auto& [known, text] : fields_) {
            if (known == name) text = value;
        }
        return *this;
    }
    [[nodiscard]] std::vector<std::string_view> words() const {
        std::vector<std::string_view> words;
        for (const auto& [name, value] : fields_) {
            if (value) words.insert(words.end(), {name, *value});
        }
        return words;
    }

  private:
    std::vector<std::pair<std::string_view, std::optional<std::string_view>>> fields_{
        {"type", "org.example.kettle.v1"},
        {"id", "5b9a1c4e-cab8-11ed-9e0a-0242ac120002"},
        {"source", "openedx/lms/web"},
        {"time", "2023-03-24T16:47:28.892301+00:00"},
        {"minorversion", "2"},
        {"sourcehost", "host"},
        {"sourcelib", "11.2.0"},
        {"event_data", "data"}};
};

TEST(Entry, IsWrittenByteForByteAsThePythonPackageDoes) {
    EXPECT_EQ(resp(Written{}.event()), resp(Fields().words()));
}

TEST(Entry, TimesWithoutAFractionHaveNone) {
    Written written;
    written.metadata.time = parse_iso8601("2023-03-24T16:47:28Z");
    EXPECT_EQ(resp(written.event()), resp(Fields().set("time", "2023-03-24T16:47:28+00:00").words()));
}

TEST(Entry, WhatIsOursFollows) {
    const Written written{
        .payload = std::string("\0\xff", 2), .key = "tea", .headers = {{"traceparent", "00-1"}, {"b", ""}}};
    auto words = Fields().set("event_data", written.payload).words();
    words.insert(words.end(), {"eventbus-key", "tea", "traceparent", "00-1", "b", ""});
    EXPECT_EQ(resp(written.event()), resp(words));
}

TEST(Entry, ComesBackAsItWas) {
    const Written written{.payload = std::string("\0\xff\r\n", 4),
                          .key = std::string("\0key", 4),
                          .headers = {{"traceparent", "00-1"}, {"", ""}, {"b", "1"}, {"a", "2"}, {"b", "3"}}};
    const ReceivedEvent event = again(written);
    EXPECT_EQ(event.unusable, std::nullopt);
    EXPECT_EQ(event.metadata, written.metadata);
    EXPECT_EQ(event.headers, written.headers);
    EXPECT_EQ(event.key, written.key);
    EXPECT_EQ(event.topic, written.topic);
    EXPECT_EQ(event.position, (Position{Partition{0}, {1'679'676'448'892, 3}}));
    EXPECT_EQ(event.position_text, entry_id);
    EXPECT_EQ(event.stored_at, parse_iso8601("2023-03-24T16:47:28.892Z"));
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(event.payload.data()), event.payload.size()),
              written.payload);
}

TEST(Entry, AnEmptyKeyIsAKeyAndNoneIsNone) {
    EXPECT_EQ(again({.key = ""}).key, "");
    EXPECT_EQ(again({}).key, std::nullopt);
}

TEST(Entry, HeadersMayBeNamedLikeFields) {
    const Written written{.key = "tea",
                          .headers = {{"type", "kettle"},
                                      {"event_data", "none"},
                                      {"eventbus-key", "coffee"},
                                      {"eventbus-header-id", "7"},
                                      {"eventbus-header-", "8"}}};
    const ReceivedEvent event = again(written);
    EXPECT_EQ(event.headers, written.headers);
    EXPECT_EQ(event.metadata, written.metadata);
    EXPECT_EQ(event.key, "tea");
}

TEST(Entry, OfAPythonProducerIsRead) {
    const ReceivedEvent event = read(Fields().words());
    EXPECT_EQ(event.metadata, metadata());
    EXPECT_EQ(event.unusable, std::nullopt);
    EXPECT_EQ(event.payload.size(), 4U);
    EXPECT_TRUE(event.headers.empty());
    EXPECT_EQ(event.key, std::nullopt);
}

TEST(Entry, FieldsMayStandInAnyOrderAndTheLastOfANameCounts) {
    auto words = Fields().words();
    std::vector<std::string_view> turned{"source", "first"};
    for (std::size_t i = words.size(); i > 0; i -= 2)
        turned.insert(turned.end(), {words[i - 2], words[i - 1]});
    turned.insert(turned.end(), {"sourcehost", "last"});
    const ReceivedEvent event = read(turned);
    EXPECT_EQ(event.metadata.source, "openedx/lms/web");
    EXPECT_EQ(event.metadata.sourcehost, "last");
}

TEST(Entry, WhatThePythonConsumerMayMissMayBeMissingOrEmpty) {
    for (const std::optional<std::string_view> nothing :
         {std::optional<std::string_view>(), std::optional<std::string_view>("")}) {
        Fields fields;
        for (const char* name : {"id", "source", "time", "minorversion", "sourcehost", "sourcelib"})
            fields.set(name, nothing);
        const ReceivedEvent event = read(fields.words());
        EXPECT_EQ(event.unusable, std::nullopt);
        EXPECT_NE(event.metadata.id, Uuid());
        EXPECT_EQ(event.metadata.time, event.stored_at);
        EXPECT_EQ(event.metadata.minorversion, 0);
        EXPECT_EQ(event.metadata.source + event.metadata.sourcehost + event.metadata.sourcelib, "");
        EXPECT_TRUE(event.headers.empty());
    }
}

TEST(Entry, AnIdThatIsMadeIsTheSameEachTimeAndOfThisEntryAlone) {
    const auto words = Fields().set("id", {}).words();
    const Uuid id = read(words).metadata.id;
    EXPECT_EQ(read(words).metadata.id, id);
    EXPECT_NE(read(words, "1679676448892-4").metadata.id, id);
    EXPECT_NE(read_entry(TopicName("kettles"), EntryReply(entry_id, words).view()).metadata.id, id);
    EXPECT_EQ(id.to_string().at(14), '5') << "made of a name: version 5";
}

TEST(Entry, WithoutTypeOrDataIsUnusable) {
    EXPECT_THAT(read(Fields().set("type", {}).words()).unusable.value_or(""), HasSubstr("type"));
    EXPECT_THAT(read(Fields().set("type", "").words()).unusable.value_or(""), HasSubstr("type"));
    EXPECT_THAT(read(Fields().set("event_data", {}).words()).unusable.value_or(""), HasSubstr("data"));
    EXPECT_EQ(read(Fields().set("event_data", "").words()).unusable, std::nullopt)
        << "an event may have no members";
    EXPECT_TRUE(read({}).unusable);
}

TEST(Entry, AValueThatCannotBeReadIsKept) {
    const std::vector<std::pair<std::string_view, std::string_view>> bad{
        {"id", "kettle"},
        {"time", "yesterday"},
        {"minorversion", "two"},
        {"minorversion", "2147483648"},
        {"sourcelib", "11.2.0b1"},
        {"sourcelib", "11..0"},
        {"id", std::string_view("\0\xff", 2)}};
    for (const auto& [name, value] : bad) {
        const ReceivedEvent event = read(Fields().set(name, value).words());
        EXPECT_THAT(event.unusable.value_or(""), HasSubstr(name)) << name;
        const Headers raw{{"eventbus-raw-" + std::string(name), std::string(value)}};
        EXPECT_EQ(event.headers, raw) << name;
        EXPECT_EQ(event.metadata.event_type, "org.example.kettle.v1") << "the rest is read";
    }
}

TEST(Entry, TheFirstProblemIsToldAndEveryBadValueKept) {
    const ReceivedEvent event = read(Fields().set("id", "kettle").set("time", "yesterday").words());
    EXPECT_THAT(event.unusable.value_or(""), HasSubstr("kettle"));
    EXPECT_EQ(event.headers, (Headers{{"eventbus-raw-id", "kettle"}, {"eventbus-raw-time", "yesterday"}}));
}

TEST(Entry, WhatCouldNotBeReadComesBackUnchangedWhenItIsWrittenAgain) {
    const ReceivedEvent bad = read(Fields()
                                       .set("id", "kettle")
                                       .set("time", "yesterday")
                                       .set("minorversion", "x")
                                       .set("sourcelib", "y")
                                       .words());
    const ReceivedEvent once = again({.metadata = bad.metadata, .headers = bad.headers});
    EXPECT_EQ(once.metadata, bad.metadata);
    EXPECT_EQ(once.headers, bad.headers);
    EXPECT_EQ(once.unusable, std::nullopt) << "the nil UUID and 1970 can be read";
}

TEST(Entry, ATimeThatNoTextCanSayIsThatOfStoring) {
    Written written;
    written.metadata.time = Timestamp::max();
    const ReceivedEvent event = again(written);
    EXPECT_EQ(event.metadata.time, event.stored_at);
    EXPECT_EQ(event.unusable, std::nullopt);
}

TEST(Entry, MetadataOfNothingCanBeStored) {
    const Written written{.metadata = {}, .payload = ""};
    const ReceivedEvent event = again(written);
    EXPECT_EQ(event.metadata, written.metadata);
    EXPECT_TRUE(event.unusable) << "it has no type";
}

TEST(Entry, RepliesThatAreNoEntryAreRefused) {
    redis::ReplyReader reader(1 << 20);
    for (const std::string_view bytes :
         {"*0\r\n", "$1\r\na\r\n", "*1\r\n$3\r\n1-0\r\n", "*2\r\n$1\r\n$\r\n*0\r\n", "*2\r\n:1\r\n*0\r\n",
          "*2\r\n$3\r\n1-0\r\n*2\r\n:1\r\n:2\r\n"}) {
        reader.feed(bytes);
        EXPECT_THROW(static_cast<void>(read_entry(TopicName("t"), reader.next()->view())), DecodeError)
            << bytes;
    }
}

TEST(Entry, WithoutFieldsOrWithHalfAFieldIsUnusable) {
    redis::ReplyReader reader(1 << 20);
    for (const std::string_view bytes :
         {"*2\r\n$3\r\n1-0\r\n*-1\r\n", "*2\r\n$3\r\n1-0\r\n*1\r\n$4\r\ntype\r\n"}) {
        reader.feed(bytes);
        EXPECT_TRUE(read_entry(TopicName("t"), reader.next()->view()).unusable) << bytes;
    }
}

}  // namespace

}  // namespace eventbus::redis_streams
