#include "eventbus/bus/batch.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <stdexcept>

#include "consuming.hpp"
#include "eventbus/bus/dead_letter_box.hpp"
#include "eventbus/bus/failure_policy.hpp"
#include "fixture.hpp"

namespace eventbus::bus_test {
namespace {

using kettle::KETTLE_BOILED;
using kettle::KETTLE_EMPTIED;
using kettle::KettleBoiled;
using kettle::KettleEmptied;
using std::chrono::milliseconds;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::SizeIs;

using Degrees = std::vector<std::int64_t>;

/// Handlers that take many events at once. Everything here holds with one worker and with several.
class BatchTest : public BusTest, public ::testing::WithParamInterface<std::size_t> {
  protected:
    void send(int events, int rooms = 1) const {
        Bus sender(kettle_options());
        for (int i = 0; i < events; ++i)
            sender.send(KETTLE_BOILED, boiled("room " + std::to_string(i % rooms), i));
    }
    [[nodiscard]] ConsumeOptions quick() const {
        ConsumeOptions options = until_idle();
        options.workers = GetParam();
        options.retry = RetryPolicy{3, milliseconds{2}, milliseconds{4}};
        return options;
    }
    [[nodiscard]] static HandlerOptions batch_of(std::size_t most,
                                                 milliseconds longest_wait = milliseconds{20}) {
        HandlerOptions options;
        options.batch = {most, longest_wait};
        return options;
    }
    void note(const Batch<KettleBoiled>& batch) {
        Degrees degrees;
        for (std::size_t i = 0; i < batch.size(); ++i) degrees.push_back(batch[i].kettle.degrees);
        const std::lock_guard lock(mutex_);
        batches_.push_back(std::move(degrees));
    }
    std::vector<Degrees> batches() {
        const std::lock_guard lock(mutex_);
        return batches_;
    }
    [[nodiscard]] std::uint64_t letters() const {
        return DeadLetterBox(memory_, TopicName("kettles"), GroupName("tea")).count({}).letters;
    }

  private:
    std::mutex mutex_;
    std::vector<Degrees> batches_;
};

TEST_P(BatchTest, WhileAnEventWaitsForItsBatchItsKeyWaitsForItsLetter) {
    send(2);
    Bus bus(kettle_options());
    std::atomic<int> mails = 0;
    bus.connect(KETTLE_BOILED, "mail", [&](const KettleBoiled& data) {
        if (data.kettle.degrees == 0) throw Reject("never");
        ++mails;
    });
    bus.connect_batch(
        KETTLE_BOILED, "archive", [&](Batch<KettleBoiled>& batch) { note(batch); },
        batch_of(10, milliseconds{100}));
    ConsumeOptions options = quick();
    options.keep_key_order = true;
    EXPECT_EQ(Consumer(bus, options).run().failed, 2U);
    EXPECT_EQ(mails, 0) << "the second came before the first";
    EXPECT_THAT(batches(), ElementsAre(Degrees{0}));
    DeadLetterBox box(memory_, TopicName("kettles"), GroupName("tea"));
    EXPECT_EQ(box.count({.reason = FailureReason::rejected}).letters, 1U);
    EXPECT_EQ(box.count({.reason = FailureReason::parked}).letters, 1U);
}

TEST_P(BatchTest, WhatOtherHandlersGaveUpIsALetterBeforeTheNextEventOfItsKey) {
    send(2);
    Bus bus(kettle_options());
    DeadLetterBox box(memory_, TopicName("kettles"), GroupName("tea"));
    std::atomic<std::uint64_t> letters = 0;
    bus.connect(KETTLE_BOILED, "mail", [&](const KettleBoiled& data) {
        if (data.kettle.degrees == 0) throw Reject("never");
        letters = box.count({}).letters;
    });
    bus.connect_batch(
        KETTLE_BOILED, "archive",
        [&](Batch<KettleBoiled>& batch) {
            for (std::size_t i = 0; i < batch.size(); ++i) batch.reject(i, "never");
        },
        batch_of(2, milliseconds{2'000}));
    const ConsumeResult result = Consumer(bus, quick()).run();
    EXPECT_EQ(letters, 1U);
    EXPECT_EQ(result.failed, 2U) << "an event counts once";
    EXPECT_EQ(box.count({.handler = "mail"}).letters, 1U);
    EXPECT_EQ(box.count({.handler = "archive"}).letters, 2U);
}

INSTANTIATE_TEST_SUITE_P(Workers, BatchTest, ::testing::Values(1, 4),
                         [](const auto& param) { return "With" + std::to_string(param.param); });

TEST_P(BatchTest, HoldsAtMostSoManyAndAllInOrder) {
    send(25);
    Bus bus(kettle_options());
    bus.connect_batch(
        KETTLE_BOILED, "bulk", [&](Batch<KettleBoiled>& batch) { note(batch); }, batch_of(10));
    EXPECT_EQ(Consumer(bus, quick()).run().handled, 25U);
    Degrees all;
    for (const Degrees& batch : batches()) all.insert(all.end(), batch.begin(), batch.end());
    Degrees expected(25);
    for (std::size_t i = 0; i < 25; ++i) expected[i] = static_cast<std::int64_t>(i);
    EXPECT_EQ(all, expected);
    EXPECT_THAT(batches(), Each(SizeIs(Le(10U))));
    EXPECT_EQ(batches().front().size(), 10U);
    EXPECT_EQ(lag("kettles", "tea"), 0U);
}

TEST_P(BatchTest, ComesAfterItsTimeWhenItIsNotFull) {
    send(3);
    Bus bus(kettle_options());
    bus.connect_batch(
        KETTLE_BOILED, "bulk", [&](Batch<KettleBoiled>& batch) { note(batch); },
        batch_of(1'000, milliseconds{50}));
    ConsumeOptions options = quick();
    options.until_idle.reset();
    RunningConsumer running(bus, options);
    EXPECT_TRUE(wait_until([&] { return !batches().empty(); }));
    EXPECT_TRUE(wait_until([&] { return lag("kettles", "tea") == 0; }));
    EXPECT_EQ(running.stop().handled, 3U);
    EXPECT_THAT(batches(), ElementsAre(ElementsAre(0, 1, 2)));
}

TEST_P(BatchTest, OneThatFailsIsTriedAgainAndTheOthersAreNot) {
    send(4, 4);
    Bus bus(kettle_options());
    std::atomic<int> failures = 1;
    bus.connect_batch(
        KETTLE_BOILED, "bulk",
        [&](Batch<KettleBoiled>& batch) {
            note(batch);
            for (std::size_t i = 0; i < batch.size(); ++i) {
                EXPECT_EQ(batch.context(i).received->topic.str(), "kettles");
                if (batch[i].kettle.degrees == 2 && failures-- > 0) batch.fail(i, "not yet");
            }
        },
        batch_of(4));
    const ConsumeResult result = Consumer(bus, quick()).run();
    EXPECT_EQ(result.handled, 4U);
    std::map<std::int64_t, int> calls;
    for (const Degrees& batch : batches())
        for (const std::int64_t degrees : batch) ++calls[degrees];
    EXPECT_EQ(calls, (std::map<std::int64_t, int>{{0, 1}, {1, 1}, {2, 2}, {3, 1}}));
    EXPECT_EQ(letters(), 0U);
}

TEST_P(BatchTest, OneThatIsRejectedIsADeadLetterAndIsSentOnToTheHandler) {
    send(4, 4);
    Bus bus(kettle_options());
    std::atomic<bool> rejects = true;
    bus.connect_batch(
        KETTLE_BOILED, "bulk",
        [&](Batch<KettleBoiled>& batch) {
            note(batch);
            for (std::size_t i = 0; i < batch.size(); ++i)
                if (batch[i].kettle.degrees == 2 && rejects) batch.reject(i, "never");
        },
        batch_of(4));
    const ConsumeResult result = Consumer(bus, quick()).run();
    EXPECT_EQ(result.handled, 3U);
    EXPECT_EQ(result.failed, 1U);
    EXPECT_EQ(letters(), 1U);
    rejects = false;
    DeadLetterBox(memory_, TopicName("kettles"), GroupName("tea")).redrive({});
    EXPECT_EQ(Consumer(bus, quick()).run().handled, 1U);
    EXPECT_THAT(batches().back(), ElementsAre(2));
}

TEST_P(BatchTest, OneThatThrowsComesAgainAsItWasBeforeAllOthers) {
    send(6);
    Bus bus(kettle_options());
    std::atomic<int> failures = 2;
    bus.connect_batch(
        KETTLE_BOILED, "bulk",
        [&](Batch<KettleBoiled>& batch) {
            note(batch);
            if (failures-- > 0) throw std::runtime_error("the other side is down");
        },
        batch_of(3));
    EXPECT_EQ(Consumer(bus, quick()).run().handled, 6U);
    EXPECT_THAT(batches(), ElementsAre(ElementsAre(0, 1, 2), ElementsAre(0, 1, 2), ElementsAre(0, 1, 2),
                                       ElementsAre(3, 4, 5)));
}

TEST_P(BatchTest, OneThatThrowsForEverGivesAllUp) {
    send(3);
    Bus bus(kettle_options());
    bus.connect_batch(
        KETTLE_BOILED, "bulk",
        [&](Batch<KettleBoiled>& batch) {
            note(batch);
            throw std::runtime_error("the other side is down");
        },
        batch_of(3));
    EXPECT_EQ(Consumer(bus, quick()).run().failed, 3U);
    EXPECT_THAT(batches(), SizeIs(3));
    EXPECT_EQ(letters(), 3U);
    EXPECT_EQ(lag("kettles", "tea"), 0U);
}

TEST_P(BatchTest, OtherHandlersOfTheEventAreCalledOnce) {
    send(5);
    Bus bus(kettle_options());
    std::atomic<int> calls = 0;
    std::atomic<int> failures = 1;
    bus.connect(KETTLE_BOILED, "one", [&](const KettleBoiled&) { ++calls; });
    bus.connect_batch(
        KETTLE_BOILED, "bulk",
        [&](Batch<KettleBoiled>& batch) {
            note(batch);
            if (failures-- > 0) throw std::runtime_error("again");
        },
        batch_of(5));
    bus.connect_batch(
        KETTLE_BOILED, "other bulk", [&](Batch<KettleBoiled>&) { ++calls; }, batch_of(5));
    EXPECT_EQ(Consumer(bus, quick()).run().handled, 5U);
    EXPECT_EQ(calls, 6);
}

TEST_P(BatchTest, AStopGivesBackWhatHasNotBeenGiven) {
    send(3);
    Bus bus(kettle_options());
    bus.connect_batch(
        KETTLE_BOILED, "bulk", [&](Batch<KettleBoiled>& batch) { note(batch); },
        batch_of(100, std::chrono::hours{1}));
    std::atomic<int> seen = 0;
    bus.connect(KETTLE_BOILED, "one", [&](const KettleBoiled&) { ++seen; });
    ConsumeOptions options = quick();
    options.until_idle.reset();
    RunningConsumer running(bus, options);
    EXPECT_TRUE(wait_until([&] { return seen == 3; }));
    EXPECT_EQ(running.stop().events(), 0U);
    EXPECT_THAT(batches(), IsEmpty());
    EXPECT_EQ(lag("kettles", "tea"), 3U);
}

TEST_P(BatchTest, OfAllTypesHoldsEventsOfSeveral) {
    Bus bus(kettle_options());
    bus.send(KETTLE_BOILED, boiled("kitchen"));
    bus.send(KETTLE_EMPTIED, KettleEmptied{boiled("kitchen").kettle});
    std::vector<std::string> types;
    bus.connect_all_batch(
        "bulk",
        [&](std::span<const RawEvent> events, BatchResults& results) {
            EXPECT_EQ(results.size(), events.size());
            for (const RawEvent& event : events) types.emplace_back(event.type->type);
        },
        batch_of(2));
    EXPECT_EQ(Consumer(bus, quick()).run().handled, 2U);
    EXPECT_THAT(types, ElementsAre("org.example.kettle.boiled.v1", "org.example.kettle.emptied.v1"));
}

TEST_P(BatchTest, AnEventThatIsSentHereIsABatchOfItsOwn) {
    Bus bus(kettle_options());
    bus.connect_batch(KETTLE_BOILED, "bulk", [&](Batch<KettleBoiled>& batch) {
        note(batch);
        if (batch[0].kettle.degrees == 2) batch.reject(0, "never");
    });
    EXPECT_EQ(bus.send(KETTLE_BOILED, boiled("kitchen", 1)).handlers.at(0).error, nullptr);
    const SendReport report = bus.send(KETTLE_BOILED, boiled("kitchen", 2));
    ASSERT_NE(report.handlers.at(0).error, nullptr);
    EXPECT_EQ(error_text(report.handlers.at(0).error), "never");
    EXPECT_THAT(batches(), ElementsAre(ElementsAre(1), ElementsAre(2)));
}

TEST_P(BatchTest, OptionsThatCannotBeAreRefused) {
    Bus bus(kettle_options());
    const auto connect = [&](const HandlerOptions& options) {
        return message_of<InvalidValue>([&] {
            bus.connect_batch(
                KETTLE_BOILED, "bulk", [](Batch<KettleBoiled>&) {}, options);
        });
    };
    EXPECT_THAT(connect(batch_of(0)), HasSubstr("at least 1 event"));
    HandlerOptions once;
    once.inbox = InboxUse::remember;
    EXPECT_THAT(connect(once), HasSubstr("inbox"));
}

}  // namespace
}  // namespace eventbus::bus_test
