#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <stdexcept>

#include "consuming.hpp"
#include "eventbus/bus/dead_letter_box.hpp"
#include "eventbus/bus/testing.hpp"
#include "fixture.hpp"

namespace eventbus::bus_test {
namespace {

using kettle::KETTLE_BOILED;
using kettle::KettleBoiled;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Consumers and their dead letters. Everything here holds with one worker and with several.
class RedriveTest : public BusTest, public ::testing::WithParamInterface<std::size_t> {
  protected:
    void send(int events, const std::string& room = "kitchen", int first = 0) const {
        Bus sender(kettle_options());
        for (int i = first; i < first + events; ++i) sender.send(KETTLE_BOILED, boiled(room, i));
    }
    [[nodiscard]] ConsumeOptions quick(const std::string& group = "tea", bool keeps_order = false) const {
        ConsumeOptions options = until_idle(group);
        options.workers = GetParam();
        options.keep_key_order = keeps_order;
        return options;
    }
    ConsumeResult consume_all(Bus& bus, const std::string& group = "tea", bool keeps_order = false) const {
        return Consumer(bus, quick(group, keeps_order)).run();
    }
    [[nodiscard]] std::vector<OpenLetter> letters(const std::string& group = "tea") const {
        std::vector<OpenLetter> letters;
        box(group).for_each({}, [&](OpenLetter letter) {
            letters.push_back(std::move(letter));
            return true;
        });
        return letters;
    }
    [[nodiscard]] DeadLetterBox box(const std::string& group = "tea") const {
        return {memory_, TopicName("kettles"), GroupName(group)};
    }
    void connect(Bus& bus, const std::string& handler) {
        bus.connect(KETTLE_BOILED, handler,
                    [this, handler](const KettleBoiled& data, const EventContext& context) {
                        EXPECT_EQ(context.received->topic.str(), "kettles");
                        const std::lock_guard lock(mutex_);
                        calls_[handler].push_back(data.kettle.degrees);
                        if (failing_.contains({handler, data.kettle.degrees})) throw Reject("not this one");
                    });
    }
    void fail(const std::string& handler, std::int64_t degrees, bool fails = true) {
        const std::lock_guard lock(mutex_);
        if (fails) {
            failing_.insert({handler, degrees});
        } else {
            failing_.erase({handler, degrees});
        }
    }
    std::vector<std::int64_t> calls(const std::string& handler) {
        const std::lock_guard lock(mutex_);
        return std::exchange(calls_[handler], {});
    }

  private:
    std::mutex mutex_;
    std::map<std::string, std::vector<std::int64_t>> calls_;
    std::set<std::pair<std::string, std::int64_t>> failing_;
};

INSTANTIATE_TEST_SUITE_P(Workers, RedriveTest, ::testing::Values(1, 4),
                         [](const auto& param) { return "With" + std::to_string(param.param); });

TEST_P(RedriveTest, GoesToTheHandlerThatFailedAlone) {
    send(3);
    Bus bus(kettle_options());
    connect(bus, "steady");
    connect(bus, "picky");
    fail("picky", 1);
    EXPECT_EQ(consume_all(bus).failed, 1U);
    EXPECT_THAT(calls("picky"), ElementsAre(0, 1, 2));
    ASSERT_EQ(letters().size(), 1U);
    EXPECT_EQ(letters()[0].letter.failure.handler, "picky");
    EXPECT_EQ(letters()[0].letter.event.payload, stored("kettles").at(1).payload);
    EXPECT_EQ(lag("kettles", "tea"), 0U);
    calls("steady");

    fail("picky", 1, false);
    EXPECT_EQ(box().redrive({}).letters, 1U);
    const ConsumeResult again = consume_all(bus);
    EXPECT_EQ(again.handled, 1U);
    EXPECT_EQ(again.events(), 1U);
    EXPECT_THAT(calls("picky"), ElementsAre(1));
    EXPECT_THAT(calls("steady"), IsEmpty());
    EXPECT_THAT(letters(), IsEmpty());
    EXPECT_EQ(consume_all(bus).events(), 0U);
}

TEST_P(RedriveTest, OtherGroupsDoNotSeeIt) {
    send(1);
    Bus bus(kettle_options());
    connect(bus, "picky");
    fail("picky", 0);
    EXPECT_EQ(consume_all(bus, "tea").failed, 1U);
    fail("picky", 0, false);
    EXPECT_EQ(consume_all(bus, "coffee").handled, 1U);
    box().redrive({});
    EXPECT_EQ(consume_all(bus, "coffee").events(), 0U);
    EXPECT_EQ(consume_all(bus, "tea").handled, 1U);
}

TEST_P(RedriveTest, ReachesAConsumerThatIsRunning) {
    send(1);
    Bus bus(kettle_options());
    std::atomic<bool> fails = true;
    std::atomic<int> handled = 0;
    bus.connect(KETTLE_BOILED, "picky", [&](const KettleBoiled&) {
        if (fails) throw Reject("no");
        ++handled;
    });
    ConsumeOptions options = quick();
    options.until_idle.reset();
    RunningConsumer running(bus, options);
    EXPECT_TRUE(wait_until([&] { return !letters().empty(); }));
    fails = false;
    box().redrive({});
    EXPECT_TRUE(wait_until([&] { return handled == 1; }));
    const ConsumeResult result = running.stop();
    EXPECT_EQ(result.failed, 1U);
    EXPECT_EQ(result.handled, 1U);
}

TEST_P(RedriveTest, WhatFailsAgainIsALetterAgain) {
    send(1);
    Bus bus(kettle_options());
    connect(bus, "picky");
    fail("picky", 0);
    consume_all(bus);
    const OpenLetter before = letters().at(0);
    box().redrive({});
    EXPECT_EQ(consume_all(bus).failed, 1U);
    ASSERT_EQ(letters().size(), 1U);
    const OpenLetter after = letters()[0];
    EXPECT_NE(after.id, before.id);
    EXPECT_EQ(after.letter.event.position, before.letter.event.position);
    EXPECT_EQ(after.letter.event.topic, before.letter.event.topic);
    EXPECT_EQ(after.letter.event.key, before.letter.event.key);
    EXPECT_EQ(after.letter.event.metadata, before.letter.event.metadata);
    EXPECT_EQ(after.letter.failure.handler, "picky");
}

TEST_P(RedriveTest, AHandlerThatIsGoneMakesALetterThatSaysSo) {
    send(1);
    {
        Bus bus(kettle_options());
        connect(bus, "picky");
        fail("picky", 0);
        consume_all(bus);
    }
    Bus bus(kettle_options());
    connect(bus, "other");
    box().redrive({});
    EXPECT_EQ(consume_all(bus).failed, 1U);
    EXPECT_THAT(calls("other"), IsEmpty());
    EXPECT_THAT(letters().at(0).letter.failure.error, HasSubstr("no handler \"picky\""));
}

TEST_P(RedriveTest, WhatCannotBeUsedGoesToAllHandlersOnceItCan) {
    send(1);
    BusOptions plain = memory_options();
    plain.catalogue = openedx_catalogue();
    Bus old(std::move(plain));
    EXPECT_EQ(consume_all(old).unusable, 1U);
    EXPECT_EQ(letters().at(0).letter.failure.reason, FailureReason::unusable);
    Bus bus(kettle_options());
    connect(bus, "a");
    connect(bus, "b");
    box().redrive({});
    EXPECT_EQ(consume_all(bus).handled, 1U);
    EXPECT_THAT(calls("a"), ElementsAre(0));
    EXPECT_THAT(calls("b"), ElementsAre(0));
}

TEST_P(RedriveTest, MovingTheGroupDoesNotSendLettersOnAgain) {
    send(2);
    Bus bus(kettle_options());
    connect(bus, "picky");
    fail("picky", 0);
    consume_all(bus);
    fail("picky", 0, false);
    box().redrive({});
    EXPECT_EQ(consume_all(bus).handled, 1U);
    ConsumeOptions again = quick();
    again.reset = Earliest{};
    EXPECT_EQ(Consumer(bus, again).run().handled, 2U);
}

TEST_P(RedriveTest, KeepsTheOrderOfAKeyWhenAsked) {
    send(4, "kitchen");
    send(2, "bath", 10);
    Bus bus(kettle_options());
    connect(bus, "a");
    fail("a", 1);
    const ConsumeResult first = consume_all(bus, "tea", true);
    EXPECT_EQ(first.handled, 3U);
    EXPECT_EQ(first.failed, 3U);
    calls("a");
    std::vector<std::pair<std::int64_t, FailureReason>> open;
    for (const OpenLetter& letter : letters())
        open.emplace_back(KETTLE_BOILED.decode(letter.letter.event.payload).kettle.degrees,
                          letter.letter.failure.reason);
    EXPECT_EQ(open,
              (std::vector<std::pair<std::int64_t, FailureReason>>{
                  {1, FailureReason::rejected}, {2, FailureReason::parked}, {3, FailureReason::parked}}));
    // A later consumer knows it as well.
    send(1, "kitchen", 4);
    EXPECT_EQ(consume_all(bus, "tea", true).failed, 1U);
    EXPECT_THAT(calls("a"), IsEmpty());

    // It fails again: those behind it wait again, in order.
    box().redrive({});
    EXPECT_EQ(consume_all(bus, "tea", true).failed, 4U);
    EXPECT_THAT(calls("a"), ElementsAre(1));

    fail("a", 1, false);
    EXPECT_EQ(box().redrive({}).letters, 4U);
    EXPECT_EQ(consume_all(bus, "tea", true).handled, 4U);
    EXPECT_THAT(calls("a"), ElementsAre(1, 2, 3, 4));
    send(1, "kitchen", 5);
    EXPECT_EQ(consume_all(bus, "tea", true).handled, 1U);
    EXPECT_THAT(letters(), IsEmpty());
}

TEST_P(RedriveTest, WithoutAPlaceForLettersTheConsumerEndsAndHasAcknowledgedNothing) {
    send(3);
    faults_->refuse = [](const OutgoingEvent&) {
        return std::make_exception_ptr(BrokerError("read-only", false));
    };
    Bus bus(faulty_options());
    connect(bus, "picky");
    fail("picky", 0);
    EXPECT_THAT(message_of<BrokerError>([&] { Consumer(bus, quick()).run(); }),
                HasSubstr("cannot be kept in the dead-letter topic kettles.dead-letters.tea"));
    EXPECT_EQ(lag("kettles", "tea"), 3U);
}

}  // namespace
}  // namespace eventbus::bus_test
