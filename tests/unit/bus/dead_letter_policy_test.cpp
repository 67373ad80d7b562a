#include "eventbus/bus/dead_letter_policy.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "child.hpp"
#include "eventbus/broker/embedded/embedded_broker.hpp"
#include "eventbus/bus/dead_letter.hpp"
#include "fixture.hpp"

namespace eventbus::bus_test {
namespace {

using kettle::KETTLE_BOILED;
using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<Failure> failures() {
    const Timestamp time = now();
    return {{FailureReason::failed, "mail", "no route\nto host", 5, time, time},
            {FailureReason::rejected, "print", "not on paper", 1, time, time}};
}

class DeadLettersTest : public BusTest {
  protected:
    static constexpr const char* topic = "kettles.dead-letters.tea";

    const ReceivedEvent event_ = received(KETTLE_BOILED, boiled("kitchen", 7));
    const std::vector<Failure> failures_ = failures();
    const FailedEvent failed_{event_, failures_, "tea"};
};

TEST_F(DeadLettersTest, WritesALetterForEachFailure) {
    Bus bus(kettle_options());
    DeadLetters().settle(bus, failed_);
    const auto letters = stored(topic);
    ASSERT_EQ(letters.size(), 2U);
    EXPECT_EQ(read_dead_letter(letters[0]).failure.handler, "mail");
    EXPECT_EQ(read_dead_letter(letters[1]).failure.reason, FailureReason::rejected);
    EXPECT_EQ(read_dead_letter(letters[1]).event.payload, event_.payload);
    const auto info = memory_->admin()->topic(TopicName(topic));
    ASSERT_TRUE(info);
    EXPECT_EQ(info->partitions.size(), 1U);
    EXPECT_FALSE(info->retention.age);
}

TEST_F(DeadLettersTest, LogsWhatAnOperatorNeedsWithoutTheData) {
    Bus bus(kettle_options({{"EVENT_BUS_TOPIC_PREFIX", "dev"}}));
    ReceivedEvent event = event_;
    event.topic = TopicName("dev-kettles");
    DeadLetters().settle(bus, {event, failures_, "tea's"});
    EXPECT_THAT(log_.lines(),
                ElementsAre(AllOf(
                    HasSubstr("warning: "), HasSubstr("org.example.kettle.boiled.v1"),
                    HasSubstr(event.metadata.id.to_string()), HasSubstr("topic dev-kettles, partition 3"),
                    HasSubstr("position 42"), HasSubstr(R"(failed: handler "mail" failed 5 times: no)"),
                    HasSubstr("no route\\nto host"), HasSubstr("not on paper"), Not(HasSubstr("room")),
                    HasSubstr(R"(eventbus dead-letters show -t 'kettles' -g 'tea'\''s' 0 1)"))));
}

TEST_F(DeadLettersTest, ATopicThatIsThereStaysAsItIs) {
    memory_->admin()->create_topic(TopicName(topic),
                                   {.partitions = 3, .retention = {std::chrono::hours{1}, {}}});
    Bus bus(kettle_options());
    DeadLetters letters;
    letters.settle(bus, failed_);
    letters.settle(bus, failed_);
    EXPECT_EQ(stored(topic).size(), 4U);
    EXPECT_EQ(memory_->admin()->topic(TopicName(topic))->retention.age, std::chrono::hours{1});
}

TEST_F(DeadLettersTest, KeepsEventsWhoseMetadataCannotBeUsed) {
    TemporaryDirectory directory;
    Bus memory(kettle_options());
    Bus embedded(kettle_options(
        {{"EVENT_BUS_CONSUMER", "embedded"}, {"EVENT_BUS_EMBEDDED_PATH", directory.file("events.db")}}));
    ReceivedEvent event = event_;
    event.metadata = {};
    event.metadata.source = "\xff\xfe";
    event.unusable = "no id";
    event.key.reset();
    event.payload.clear();
    for (Bus* bus : {&memory, &embedded}) {
        DeadLetters().settle(*bus, {event, failures_, "tea"});
        const auto letters = stored_in(*bus->consumer_broker(), topic);
        ASSERT_EQ(letters.size(), 2U);
        const ReceivedEvent read = read_dead_letter(letters.front()).event;
        EXPECT_EQ(read.metadata, event.metadata);
        EXPECT_EQ(read.unusable, event.unusable);
        EXPECT_EQ(read.key, std::nullopt);
    }
}

TEST_F(DeadLettersTest, WhatMayPassIsTriedAgainAndEachLetterStoredOnce) {
    std::atomic<int> calls = 0;
    faults_->refuse = [&](const OutgoingEvent&) -> std::exception_ptr {
        // The first letter is stored at the first attempt, the second at the third.
        const int call = ++calls;
        return call == 2 || call == 3 ? std::make_exception_ptr(BrokerError("busy", true)) : nullptr;
    };
    Bus bus(faulty_options());
    DeadLetters().settle(bus, failed_);
    EXPECT_EQ(calls, 4);
    EXPECT_EQ(stored(topic).size(), 2U);
}

TEST_F(DeadLettersTest, WhatDoesNotPassIsThrownWithAllThatMatters) {
    faults_->refuse = [](const OutgoingEvent&) {
        return std::make_exception_ptr(InvalidValue("larger than\nallowed"));
    };
    Bus bus(faulty_options());
    DeadLetters letters;
    const std::string text = message_of<BrokerError>([&] { letters.settle(bus, failed_); });
    EXPECT_THAT(text,
                AllOf(HasSubstr("org.example.kettle.boiled.v1"), HasSubstr(event_.metadata.id.to_string()),
                      HasSubstr("position 42"), HasSubstr("dead-letter topic kettles.dead-letters.tea"),
                      HasSubstr("not acknowledged: larger than\\nallowed")));
    faults_->refuse = nullptr;
}

TEST_F(DeadLettersTest, NoRoomIsToldAsSuchWhenTheTimeIsOver) {
    faults_->refuse = [](const OutgoingEvent&) {
        return std::make_exception_ptr(StorageFull("the disk is full"));
    };
    Bus bus(faulty_options());
    EXPECT_THAT(message_of<StorageFull>([&] { DeadLetters().settle(bus, failed_); }),
                HasSubstr("the disk is full"));
}

TEST_F(DeadLettersTest, AStopEndsTheTryingAgain) {
    std::stop_source stop;
    std::atomic<int> calls = 0;
    faults_->open = [&] {
        ++calls;
        stop.request_stop();
        throw BrokerError("not there", true);
    };
    Bus bus(faulty_options());
    DeadLetters letters(stop.get_token());
    EXPECT_THAT(message_of<BrokerError>([&] { letters.settle(bus, failed_); }), HasSubstr("not there"));
    EXPECT_EQ(calls, 1);
}

TEST_F(DeadLettersTest, ManyThreadsMaySettleAtOnce) {
    Bus bus(kettle_options());
    DeadLetters letters;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 8; ++i)
            threads.emplace_back([&] {
                for (int n = 0; n < 20; ++n) letters.settle(bus, failed_);
            });
    }
    EXPECT_EQ(stored(topic).size(), 320U);
}

TEST_F(DeadLettersTest, AChildOpensItsOwn) {
    TemporaryDirectory directory;
    Bus bus(kettle_options(
        {{"EVENT_BUS_CONSUMER", "embedded"}, {"EVENT_BUS_EMBEDDED_PATH", directory.file("events.db")}}));
    auto letters = std::make_unique<DeadLetters>();
    letters->settle(bus, failed_);
    Child child([&] {
        letters->settle(bus, failed_);
        Child idle([&] { letters.reset(); });
        EXPECT_TRUE(idle.succeeded());
        letters.reset();
    });
    EXPECT_TRUE(child.succeeded());
    letters->settle(bus, failed_);
    EXPECT_EQ(stored_in(*bus.consumer_broker(), topic).size(), 6U);
}

}  // namespace
}  // namespace eventbus::bus_test
