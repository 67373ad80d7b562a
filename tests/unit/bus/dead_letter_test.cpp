#include "eventbus/bus/dead_letter.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "eventbus/bus/dead_letter_topic.hpp"
#include "fixture.hpp"

namespace eventbus::bus_test {
namespace {

using kettle::KETTLE_BOILED;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const TopicName letters("kettles.dead-letters.tea");

ReceivedEvent given_up() {
    ReceivedEvent event = received(KETTLE_BOILED, boiled("kitchen", 7));
    event.writer_schema = std::make_shared<const std::string>(KETTLE_BOILED.type().schema);
    event.headers = {{"traceparent", "00-1"}, {"eventbus-reason", "of its own"}, {"eventbus-own-x", "y"}};
    event.stored_at = parse_iso8601("2024-05-06T07:08:10+00:00");
    return event;
}

Failure failure() {
    return {FailureReason::failed,
            "mail",
            "no route\nto \xff host",
            5,
            parse_iso8601("2024-05-06T07:08:11.5+00:00"),
            parse_iso8601("2024-05-06T07:09:12+00:00")};
}

/// What a broker hands out of what was published.
ReceivedEvent stored(const OutgoingDeadLetter& letter, Position position = {Partition{0}, {12, 0}}) {
    const OutgoingEvent event = letter.view();
    return {.topic = *event.topic,
            .position = position,
            .position_text = std::to_string(position.offset.number),
            .metadata = *event.metadata,
            .unusable = {},
            .key = std::string(event.key->text),
            .payload = {event.payload.begin(), event.payload.end()},
            .writer_schema = std::make_shared<const std::string>(event.schema),
            .headers = *event.headers,
            .stored_at = now()};
}

ReceivedEvent letter_of(const ReceivedEvent& event, const Failure& why = failure()) {
    return stored(OutgoingDeadLetter::letter(letters, event, why, "tea"));
}

void expect_same(const ReceivedEvent& read, const ReceivedEvent& event) {
    EXPECT_EQ(read.topic, event.topic);
    EXPECT_EQ(read.position, event.position);
    EXPECT_EQ(read.position_text, event.position_text);
    EXPECT_EQ(read.metadata, event.metadata);
    EXPECT_EQ(read.unusable, event.unusable);
    EXPECT_EQ(read.key, event.key);
    EXPECT_EQ(read.payload, event.payload);
    EXPECT_EQ(read.headers, event.headers);
    EXPECT_EQ(read.stored_at, event.stored_at);
    ASSERT_NE(read.writer_schema, nullptr);
    EXPECT_EQ(*read.writer_schema, *event.writer_schema);
}

TEST(DeadLetterTest, KeepsTheEventAsItCameAndTheFacts) {
    const ReceivedEvent record = letter_of(given_up());
    EXPECT_EQ(record.key, "kitchen");
    EXPECT_EQ(read_record_info(record).kind, DeadLetterRecord::letter);
    EXPECT_EQ(read_record_info(record).letter, record.position);
    const DeadLetter read = read_dead_letter(record);
    expect_same(read.event, given_up());
    EXPECT_EQ(read.group, "tea");
    EXPECT_EQ(read.failure.reason, FailureReason::failed);
    EXPECT_EQ(read.failure.handler, "mail");
    EXPECT_EQ(read.failure.error, failure().error);
    EXPECT_EQ(read.failure.tries, 5U);
    EXPECT_EQ(read.failure.first_try, failure().first_try);
    EXPECT_EQ(read.failure.last_try, failure().last_try);
}

TEST(DeadLetterTest, KeepsAnEventWithoutKeyAndOneWhoseMetadataCannotBeUsed) {
    ReceivedEvent event = given_up();
    event.key.reset();
    event.unusable = "the id \"x\" is not a UUID";
    event.metadata = {};
    event.stored_at = Timestamp::max();
    const ReceivedEvent record = letter_of(event);
    EXPECT_EQ(record.key, Uuid().to_string());
    event.stored_at = {};
    expect_same(read_dead_letter(record).event, event);
}

TEST(DeadLetterTest, ARedriveIsTheEventAgainForTheHandlerThatFailed) {
    const ReceivedEvent letter = letter_of(given_up());
    const ReceivedEvent record = stored(OutgoingDeadLetter::redrive(letter), {Partition{0}, {40, 0}});
    EXPECT_EQ(record.key, letter.key);
    EXPECT_EQ(read_record_info(record).kind, DeadLetterRecord::redrive);
    EXPECT_EQ(read_record_info(record).letter, letter.position);
    const Redriven redriven = read_redriven(record);
    EXPECT_EQ(redriven.handler, "mail");
    expect_same(redriven.event, given_up());
    EXPECT_EQ(read_dead_letter(record).failure.error, failure().error);
}

TEST(DeadLetterTest, APurgeKeepsNothingButTheKey) {
    const ReceivedEvent letter = letter_of(given_up());
    const ReceivedEvent record = stored(OutgoingDeadLetter::purge(letter));
    EXPECT_EQ(record.key, letter.key);
    EXPECT_TRUE(record.payload.empty());
    EXPECT_EQ(record.headers.size(), 2U);
    EXPECT_EQ(read_record_info(record).kind, DeadLetterRecord::purge);
    EXPECT_EQ(read_record_info(record).letter, letter.position);
    EXPECT_THAT(message_of<DecodeError>([&] { static_cast<void>(read_dead_letter(record)); }),
                HasSubstr("a purge keeps no event"));
    EXPECT_THAT(message_of<DecodeError>([&] { static_cast<void>(read_redriven(letter)); }),
                HasSubstr("it is no redrive"));
}

TEST(DeadLetterTest, LongErrorsAreCutBetweenCharacters) {
    Failure why = failure();
    why.error = std::string(8191, 'x') + "ä" + std::string(100'000, 'y');
    const std::string kept = read_dead_letter(letter_of(given_up(), why)).failure.error;
    EXPECT_EQ(kept, std::string(8191, 'x') + "... (108193 bytes)");
}

TEST(DeadLetterTest, IdsNameAPlaceInATopic) {
    ReceivedEvent record = letter_of(given_up());
    EXPECT_EQ(letter_id(record), "12");
    record.position.partition = Partition{3};
    record.position_text = "1679676448892-0";
    EXPECT_EQ(letter_id(record), "3:1679676448892-0");
    const Position position{Partition{3}, {1679676448892, 7}};
    EXPECT_EQ(letter_id(position), "3:1679676448892-7");
    EXPECT_EQ(parse_letter_id(letter_id(position)), position);
    EXPECT_EQ(parse_letter_id("42"), (Position{Partition{0}, {42, 0}}));
    for (const char* text :
         {"", "x", "-1", "1:", ":1", "-1:2", "1-", "1-2-3", "1 ", "99999999999999999999999"})
        EXPECT_THAT(message_of<InvalidValue>([&] { static_cast<void>(parse_letter_id(text)); }),
                    HasSubstr("cannot be a dead letter"))
            << text;
}

TEST(DeadLetterTest, HeadersThatAreNotALettersAreRefusedByName) {
    const ReceivedEvent good = letter_of(given_up());
    const auto refusal = [&](const std::string& name, std::optional<std::string> value) {
        ReceivedEvent bad = good;
        const auto header = std::ranges::find(bad.headers, name, &Headers::value_type::first);
        EXPECT_NE(header, bad.headers.end()) << name;
        if (value) {
            header->second = *value;
        } else {
            bad.headers.erase(header);
        }
        return message_of<DecodeError>([&] { static_cast<void>(read_dead_letter(std::move(bad))); });
    };
    for (const char* name : {"eventbus-dead-letter", "eventbus-reason", "eventbus-error", "eventbus-handler",
                             "eventbus-tries", "eventbus-first-try", "eventbus-last-try", "eventbus-group",
                             "eventbus-topic", "eventbus-partition", "eventbus-position", "eventbus-has-key"})
        EXPECT_THAT(refusal(name, std::nullopt),
                    AllOf(StartsWith("what is at position 12 of the dead-letter topic " + letters.str()),
                          HasSubstr("header " + std::string(name) + ": is missing")));
    for (const auto& [name, value] : Headers{{"eventbus-dead-letter", "Letter"},
                                             {"eventbus-reason", "bored"},
                                             {"eventbus-tries", "-1"},
                                             {"eventbus-tries", "4294967296"},
                                             {"eventbus-first-try", "yesterday"},
                                             {"eventbus-group", ""},
                                             {"eventbus-topic", "a b"},
                                             {"eventbus-partition", "1.5"},
                                             {"eventbus-stored-at", "2024-13-01"},
                                             {"eventbus-error", std::string(65'537, 'x')}})
        EXPECT_THAT(refusal(name, value), HasSubstr("header " + name)) << value.substr(0, 20);
    ReceivedEvent twice = good;
    twice.headers.emplace_back("eventbus-handler", "other");
    EXPECT_THAT(message_of<DecodeError>([&] { static_cast<void>(read_dead_letter(twice)); }),
                HasSubstr("eventbus-handler: is there twice"));
    ReceivedEvent foreign = received(KETTLE_BOILED, boiled("kitchen"));
    EXPECT_THAT(message_of<DecodeError>([&] { static_cast<void>(read_record_info(foreign)); }),
                HasSubstr("header eventbus-dead-letter: is missing"));
}

TEST(DeadLetterTest, HeadersOfOtherVersionsAreIgnored) {
    ReceivedEvent record = letter_of(given_up());
    record.headers.emplace_back("eventbus-colour", "blue");
    expect_same(read_dead_letter(record).event, given_up());
    const ReceivedEvent again = stored(OutgoingDeadLetter::redrive(record));
    EXPECT_EQ(std::ranges::count(again.headers, "eventbus-colour", &Headers::value_type::first), 1);
}

std::string name_of(const std::string& topic, const std::string& group) {
    return dead_letter_topic(TopicName(topic), GroupName(group)).str();
}

TEST(DeadLetterTopicTest, IsNamedAfterTopicAndGroup) {
    EXPECT_EQ(name_of("kettles", "tea"), "kettles.dead-letters.tea");
    EXPECT_TRUE(may_hold_dead_letters(TopicName("kettles.dead-letters.tea")));
    EXPECT_FALSE(may_hold_dead_letters(TopicName("kettles")));
}

TEST(DeadLetterTopicTest, NamesThatAreNotPlainGetAHash) {
    EXPECT_EQ(name_of("kettles", "tea time"), "kettles.dead-letters.tea_time-0fb2b589");
    EXPECT_NE(name_of("kettles", "tea time"), name_of("kettles", "tea_time"));
    EXPECT_NE(name_of("kettles", "tea time"), name_of("kettles", "tea\xc2\xa0time"));
}

TEST(DeadLetterTopicTest, NoTwoGroupsShareOne) {
    EXPECT_NE(name_of("a", "b.dead-letters.c"), name_of("a.dead-letters.b", "c"));
    EXPECT_NE(name_of("a", "dead-letters.x"), name_of("a.dead-letters", "x"));
}

TEST(DeadLetterTopicTest, LongNamesAreCutAndStayDistinct) {
    const std::string topic(249, 't');
    const std::string group(255, 'g');
    for (const std::string& name : {name_of(topic, group), name_of(topic, "g"), name_of("t", group)}) {
        EXPECT_LE(name.size(), 249U);
        EXPECT_THAT(name, HasSubstr(".dead-letters."));
    }
    EXPECT_NE(name_of(topic, group), name_of(topic, group.substr(1)));
    EXPECT_NE(name_of(topic, group), name_of(topic.substr(1), group));
}

}  // namespace
}  // namespace eventbus::bus_test
