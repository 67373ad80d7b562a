#include "eventbus/broker/kafka/record.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "eventbus/event/error.hpp"
#include "exchange.hpp"

namespace eventbus::kafka_topics {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

const std::string id_text = "12345678-1234-11ee-8000-0123456789ab";

EventMetadata example() {
    EventMetadata metadata;
    metadata.event_type = "org.openedx.learning.course.enrollment.created.v1";
    metadata.id = Uuid::parse(id_text);
    metadata.minorversion = -3;
    metadata.source = "openedx/lms/web";
    metadata.sourcehost = "lms-1";
    metadata.time = parse_iso8601("2024-02-29T23:59:59.000001+00:00");
    metadata.sourcelib = "11.2.0";
    return metadata;
}

Exchange::Headers headers_of(const rd_kafka_headers_t* headers) {
    Exchange::Headers all;
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0;
         rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
        all.emplace_back(name, std::string(static_cast<const char*>(value), size));
    return all;
}

std::string text(std::span<const std::byte> bytes) {
    std::string out(bytes.size(), '\0');
    if (!bytes.empty()) std::memcpy(out.data(), bytes.data(), bytes.size());
    return out;
}

class RecordTest : public ::testing::Test {
  protected:
    /// One that nobody answers at.
    static RegistryOptions away() {
        RegistryOptions options;
        options.urls = {"http://127.0.0.1:1"};
        options.timeout = std::chrono::milliseconds(200);
        options.tries = 1;
        return options;
    }

    [[nodiscard]] OutgoingEvent event() const {
        OutgoingEvent made;
        made.topic = &topic;
        made.metadata = &metadata;
        made.headers = &own;
        return made;
    }

    ReceivedEvent read(const Exchange::Headers& headers, std::string_view value = "unframed",
                       const std::string* key = nullptr) {
        const Exchange::Message message = exchange().pass(headers, key, value);
        return RecordReader(registry).read(topic, *message);
    }

    /// One for all tests: starting it takes a second.
    static Exchange& exchange() {
        static Exchange one;
        return one;
    }

    TopicName topic{"dev-enrollment"};
    EventMetadata metadata = example();
    Headers own;
    SchemaRegistry registry{away()};
};

TEST_F(RecordTest, HeadersAreThoseOfThePythonPackageInItsOrder) {
    EXPECT_THAT(
        headers_of(make_headers(event()).get()),
        ElementsAre(Pair("ce_specversion", "1.0"), Pair("content-type", "application/avro"),
                    Pair("ce_datacontenttype", "application/avro"),
                    Pair("ce_type", "org.openedx.learning.course.enrollment.created.v1"),
                    Pair("ce_id", id_text), Pair("ce_source", "openedx/lms/web"),
                    Pair("ce_time", "2024-02-29T23:59:59.000001+00:00"), Pair("ce_minorversion", "-3"),
                    Pair("sourcehost", "lms-1"), Pair("sourcelib", "11.2.0")));
}

TEST_F(RecordTest, MetadataComesBackAsItWasSent) {
    const Exchange::Message message = exchange().pass(make_headers(event()).release(), nullptr, "unframed");
    const ReceivedEvent received = RecordReader(registry).read(topic, *message);
    EXPECT_EQ(received.metadata, metadata);
    EXPECT_EQ(received.position_text, std::to_string(message->offset));
    EXPECT_EQ(received.key, std::nullopt);
    EXPECT_NE(received.stored_at, Timestamp{});
}

TEST_F(RecordTest, HeadersOfOnesOwnComeBackWhateverTheirNames) {
    own = {{"traceparent", "00-ab"},
           {"ce_type", "mine"},
           {"eventbus-header-x", std::string("a\0b", 3)},
           {"x", ""}};
    const Exchange::Message message = exchange().pass(make_headers(event()).release(), nullptr, "unframed");
    const ReceivedEvent received = RecordReader(registry).read(topic, *message);
    EXPECT_EQ(received.headers, own);
    EXPECT_EQ(received.metadata, metadata);
}

TEST_F(RecordTest, AMessageWithoutHeadersIsUnusableAndKeepsItsBytes) {
    const std::string bytes("\x01\x00\xFF no frame", 12);
    const ReceivedEvent received = read({}, bytes);
    ASSERT_TRUE(received.unusable);
    EXPECT_THAT(*received.unusable, HasSubstr("ce_type"));
    EXPECT_EQ(text(received.payload), bytes);
    EXPECT_EQ(received.writer_schema, nullptr);
}

TEST_F(RecordTest, ATypeThatIsThereTwiceIsUnusable) {
    const ReceivedEvent received = read({{"ce_type", "a.v1"}, {"ce_type", "b.v1"}, {"ce_id", id_text}});
    ASSERT_TRUE(received.unusable);
    EXPECT_THAT(*received.unusable, HasSubstr("ce_type twice"));
}

TEST_F(RecordTest, AWrongHeaderIsNamedAndItsValueKept) {
    const std::vector<std::pair<std::string, std::string>> wrong{
        {"ce_id", "7"}, {"ce_time", "yesterday"}, {"ce_minorversion", "1.5"}, {"sourcelib", "eleven"}};
    for (const auto& [name, value] : wrong) {
        Exchange::Headers headers{{"ce_type", "a.v1"}, {name, value}};
        if (name != "ce_id") headers.emplace_back("ce_id", id_text);
        const ReceivedEvent received = read(headers);
        ASSERT_TRUE(received.unusable) << name;
        EXPECT_THAT(*received.unusable, HasSubstr(name));
        EXPECT_THAT(received.headers, ElementsAre(Pair("eventbus-raw-" + name, value)));
    }
}

TEST_F(RecordTest, AValueWithoutAFrameIsUnusable) {
    for (const std::string& value : {std::string("\x01\x00\x00\x00\x01 x", 7), std::string("\0\0\0\0", 4)}) {
        const ReceivedEvent received = read({{"ce_type", "a.v1"}, {"ce_id", id_text}}, value);
        ASSERT_TRUE(received.unusable);
        EXPECT_THAT(*received.unusable, HasSubstr("frame"));
        EXPECT_EQ(text(received.payload), value);
    }
}

TEST_F(RecordTest, ARegistryThatIsAwayIsAReasonToReadAgain) {
    const std::string framed("\0\0\0\0\x07 body", 10);
    for (const bool is_key : {false, true}) {
        try {
            static_cast<void>(read({{"ce_type", "a.v1"}, {"ce_id", id_text}}, is_key ? "unframed" : framed,
                                   is_key ? &framed : nullptr));
            ADD_FAILURE() << "an event without its schema";
        } catch (const BrokerError& error) {
            EXPECT_TRUE(error.retriable()) << error.what();
        }
    }
}

TEST_F(RecordTest, ADeadLetterOfWhatCameWithoutASchemaNeedsNoRegistry) {
    const std::string bytes("\x01garbage\0", 9);
    OutgoingEvent letter = event();
    letter.keep = true;
    letter.key = EventKey{"user 7", {}, R"("string")"};
    letter.payload = std::as_bytes(std::span(bytes));
    const RecordIds ids = RecordSchemas(registry).ids_of(letter);
    std::vector<std::byte> key;
    std::vector<std::byte> value;
    write_key(key, letter, ids);
    write_value(value, letter, ids);
    EXPECT_EQ(text(value), bytes);

    const std::string key_text = text(key);
    const ReceivedEvent received = read({{"ce_type", "a.v1"}, {"ce_id", id_text}}, text(value), &key_text);
    EXPECT_EQ(received.key, "user 7");
    EXPECT_EQ(text(received.payload), bytes);
}

}  // namespace
}  // namespace eventbus::kafka_topics
