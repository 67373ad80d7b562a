#include <limits>

#include "fixture.hpp"

namespace eventbus::conformance {

namespace {

const std::string every_byte = [] {
    std::string bytes;
    for (int value = 0; value < 256; ++value) bytes.push_back(static_cast<char>(value));
    return bytes;
}();

class MetadataTest : public Conformance {
  protected:
    ReceivedEvent round_trip(const Message& message) {
        publish(message);
        const Member member = subscribe(message.topic, "group " + std::to_string(++groups_), Earliest{});
        Events events = receive(*member, 1);
        if (events.empty()) throw std::runtime_error("the event does not come");
        return std::move(events.front());
    }

  private:
    int groups_ = 0;
};

TEST_F(MetadataTest, ArrivesAsItWasSent) {
    const TopicName topic = make_topic();
    Message message{topic, "payload", "key"};
    message.metadata.minorversion = 3;
    message.headers = {{"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}};
    const ReceivedEvent event = round_trip(message);
    EXPECT_EQ(event.topic, topic);
    EXPECT_EQ(event.metadata, message.metadata);
    EXPECT_EQ(event.unusable, std::nullopt);
    EXPECT_EQ(event.key, "key");
    EXPECT_EQ(text(event), "payload");
    EXPECT_EQ(event.headers, message.headers);
    expect_schema(event, message.schema);
}

TEST_F(MetadataTest, HoldsTheEndsOfItsRanges) {
    const std::vector<std::string> times{"0001-01-01T00:00:00+00:00", "1969-12-31T23:59:59.999999+00:00",
                                         "1970-01-01T00:00:00+00:00", "2026-02-03T04:05:06.000001+00:00",
                                         "9999-12-31T23:59:59.999999+00:00"};
    for (std::size_t i = 0; i < times.size(); ++i) {
        Message message{make_topic("time-" + std::to_string(i)), "payload"};
        message.metadata.time = parse_iso8601(times[i]);
        message.metadata.minorversion = i % 2 == 0 ? std::numeric_limits<std::int32_t>::max() : 0;
        EXPECT_EQ(round_trip(message).metadata, message.metadata) << times[i];
    }
}

TEST_F(MetadataTest, HoldsTextOfAnyLanguageAndLength) {
    Message message{make_topic(), "payload"};
    message.metadata.source = "openedx/Größe-大小-🚌/web";
    message.metadata.sourcehost = std::string(4000, 'h');
    message.metadata.sourcelib = "0";
    message.metadata.event_type = "org.example." + std::string(500, 't') + ".v1";
    EXPECT_EQ(round_trip(message).metadata, message.metadata);
}

TEST_F(MetadataTest, EachEventHasItsOwn) {
    const TopicName topic = make_topic();
    std::vector<Message> batch;
    for (int i = 0; i < 50; ++i) {
        Message message{topic, "e" + std::to_string(i)};
        message.metadata.event_type = "org.example.type" + std::to_string(i % 5) + ".v1";
        message.metadata.minorversion = i % 3;
        message.metadata.sourcehost = "host-" + std::to_string(i % 7);
        message.schema = R"({"type": "record", "name": "CloudEvent", "namespace": "v)" +
                         std::to_string(i % 4) + R"(", "fields": []})";
        batch.push_back(message);
    }
    publish(batch);
    const Events events = receive(*subscribe(topic), batch.size());
    ASSERT_EQ(events.size(), batch.size());
    for (std::size_t i = 0; i < batch.size(); ++i) {
        EXPECT_EQ(events[i].metadata, batch[i].metadata) << i;
        expect_schema(events[i], batch[i].schema);
    }
    EXPECT_EQ(events[0].writer_schema, events[20].writer_schema) << "equal schemas share one string";
}

TEST_F(MetadataTest, AnEventMayComeWithoutASchema) {
    Message message{make_topic(), "payload"};
    message.schema.clear();
    EXPECT_EQ(round_trip(message).writer_schema, nullptr);
}

TEST_F(MetadataTest, NoKeyIsNotAnEmptyKey) {
    EXPECT_EQ(round_trip({make_topic("without"), "payload"}).key, std::nullopt);
    EXPECT_EQ(round_trip({make_topic("empty"), "payload", ""}).key, "");
}

TEST_F(MetadataTest, KeysHoldAnyBytes) {
    const std::vector<std::string> keys{
        "course-v1:edX+DemoX+2026", "42",       R"({"id": 7})",         "大小 🚌",
        std::string("\0zero\0", 6), every_byte, std::string(65536, 'k')};
    for (std::size_t i = 0; i < keys.size(); ++i)
        EXPECT_EQ(round_trip({make_topic("key-" + std::to_string(i)), "payload", keys[i]}).key, keys[i]) << i;
}

TEST_F(MetadataTest, PayloadsHoldAnyBytes) {
    const std::vector<std::string> payloads{"", std::string(1, '\0'), std::string(1000, '\0'), every_byte,
                                            every_byte + every_byte};
    for (std::size_t i = 0; i < payloads.size(); ++i)
        EXPECT_EQ(text(round_trip({make_topic("payload-" + std::to_string(i)), payloads[i]})), payloads[i])
            << i;
}

TEST_F(MetadataTest, HeadersKeepOrderRepetitionAndBytes) {
    Message message{make_topic(), "payload"};
    message.headers = {{"z", "1"},
                       {"a", "2"},
                       {"z", "3"},
                       {"empty", ""},
                       {"大小", "🚌"},
                       {"", "of no name"},
                       {"bytes", every_byte},
                       {"long", std::string(70'000, 'v')}};
    for (int i = 0; i < 200; ++i) message.headers.emplace_back("n" + std::to_string(i), std::to_string(i));
    EXPECT_EQ(round_trip(message).headers, message.headers);
}

TEST_F(MetadataTest, TellsWhenItWasStored) {
    const TopicName topic = make_topic();
    const Timestamp before = now() - std::chrono::seconds(5);
    publish({topic, "first"});
    publish({topic, "second"});
    const Timestamp after = now() + std::chrono::seconds(5);
    const Events events = receive(*subscribe(topic), 2);
    ASSERT_EQ(events.size(), 2U);
    EXPECT_LE(before, events[0].stored_at);
    EXPECT_LE(events[0].stored_at, events[1].stored_at);
    EXPECT_LE(events[1].stored_at, after);
}

TEST_F(MetadataTest, PositionTextIsWhatAStartTakes) {
    const TopicName topic = make_topic("topic", 3);
    publish(messages(topic, 9, "e", "one key"));
    const Events events = receive(*subscribe(topic), 9);
    ASSERT_EQ(events.size(), 9U);
    const Member other = subscribe(topic, "other", AfterId{id_of(events[4], 3)});
    EXPECT_EQ(texts(receive(*other, 4)), numbered("e", 4, 5));
}

}  // namespace

}  // namespace eventbus::conformance
