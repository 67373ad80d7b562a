#include "eventbus/bus/failure_policy.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "consuming.hpp"
#include "eventbus/bus/testing.hpp"
#include "fixture.hpp"

namespace eventbus::bus_test {
namespace {

using kettle::KETTLE_BOILED;
using kettle::KettleBoiled;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// Calls a function.
class Policy : public FailurePolicy {
  public:
    explicit Policy(std::function<void(const FailedEvent&)> settle) : settle_(std::move(settle)) {}
    void settle(Bus& /*bus*/, const FailedEvent& failed) override { settle_(failed); }

  private:
    std::function<void(const FailedEvent&)> settle_;
};

class FailurePolicyTest : public BusTest {
  protected:
    /// Sends events of 0, 1, 2 ... degrees, and connects a handler that fails at 2.
    void fail_at_two(Bus& bus, int events) const {
        Bus sender(kettle_options());
        for (int i = 0; i < events; ++i) sender.send(KETTLE_BOILED, boiled("kitchen", i));
        bus.connect(KETTLE_BOILED, "picky", [](const KettleBoiled& data) {
            if (data.kettle.degrees == 2) throw std::runtime_error("too\ncold");
        });
    }
};

TEST_F(FailurePolicyTest, IsAskedOnceForEachEventThatWasNotHandled) {
    Bus bus(kettle_options());
    fail_at_two(bus, 5);
    std::vector<std::int64_t> failed;
    ConsumeOptions options = until_idle();
    options.failures = std::make_shared<Policy>([&](const FailedEvent& event) {
        EXPECT_EQ(event.group, "tea");
        ASSERT_EQ(event.failures.size(), 1U);
        EXPECT_EQ(event.failures.front().reason, FailureReason::failed);
        EXPECT_EQ(event.failures.front().handler, "picky");
        failed.push_back(KETTLE_BOILED.decode(event.event.payload).kettle.degrees);
    });
    const ConsumeResult result = Consumer(bus, options).run();
    EXPECT_EQ(result.handled, 4U);
    EXPECT_EQ(result.failed, 1U);
    EXPECT_THAT(failed, ElementsAre(2));
    EXPECT_EQ(lag("kettles", "tea"), 0U);
    EXPECT_THAT(log_.lines(), IsEmpty());
}

TEST_F(FailurePolicyTest, WhatItThrowsStopsTheConsumerAndLeavesTheEvent) {
    Bus bus(kettle_options());
    fail_at_two(bus, 5);
    ConsumeOptions options = until_idle();
    options.failures = std::make_shared<Policy>([](const FailedEvent&) { throw Reject("no way"); });
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(message_of<Reject>([&] { Consumer(bus, options).run(); }), "no way");
        EXPECT_EQ(lag("kettles", "tea"), 3U);
    }
    options.failures = nullptr;
    EXPECT_EQ(Consumer(bus, options).run().events(), 3U);
}

TEST_F(FailurePolicyTest, LogFailuresTellsAllThatIsNeededToRecover) {
    Bus bus(kettle_options({{"EVENT_BUS_CONSUMER_DEAD_LETTERS", "false"}}));
    fail_at_two(bus, 3);
    EXPECT_EQ(Consumer(bus, until_idle()).run().failed, 1U);
    const ReceivedEvent event = stored("kettles").at(2);
    EXPECT_THAT(
        log_.lines(),
        ElementsAre(AllOf(
            HasSubstr("error: an event was not handled: topic kettles, partition " +
                      std::to_string(static_cast<int>(event.position.partition)) + ", position 2, "),
            HasSubstr("group \"tea\""), HasSubstr(R"(handler "picky" failed: too\ncold)"),
            HasSubstr("\"id\":\"" + event.metadata.id.to_string() + "\""), HasSubstr(R"("key":"kitchen")"),
            HasSubstr(R"("source":"openedx/SERVICE_NAME_UNSET/web")"), HasSubstr(R"("time":")"),
            HasSubstr(R"("data":{"kettle":{"room":"kitchen","degrees":2,"owner":null}})"))));
}

TEST_F(FailurePolicyTest, LogFailuresGivesDataThatCannotBeReadAsBase64) {
    Bus bus(kettle_options({{"EVENT_BUS_CONSUMER_DEAD_LETTERS", "false"}}));
    EventRecorder recorder(bus, KETTLE_BOILED);
    bus.send_raw(bus.route(KETTLE_BOILED.type(), "kettles", ""), std::vector{std::byte{0xff}});
    EXPECT_EQ(Consumer(bus, until_idle()).run().unusable, 1U);
    EXPECT_THAT(log_.lines(), ElementsAre(AllOf(HasSubstr("it cannot be used: the data of org.example"),
                                                HasSubstr(R"("data_base64":"/w==")"),
                                                HasSubstr("\"dataerror\""), Not(HasSubstr("\n")))));
}

TEST_F(FailurePolicyTest, LogFailuresCopesWithEventsOfWhichLittleIsKnown) {
    Bus bus(options({}));
    ReceivedEvent event = received(KETTLE_BOILED.type(), {std::byte{1}});
    event.unusable = "the id \"x\" is not a UUID";
    event.metadata = {};
    event.metadata.event_type = "a\nb\xff";
    event.metadata.time = Timestamp::max();
    event.key.reset();
    const std::vector<Failure> failures{{FailureReason::unusable, {}, *event.unusable, 1, now(), now()}};
    LogFailures().settle(bus, {event, failures, "tea"});
    EXPECT_THAT(log_.lines(), ElementsAre(AllOf(HasSubstr("the id \"x\" is not a UUID"),
                                                HasSubstr("\"data_base64\":\"AQ==\""), Not(HasSubstr("\n")),
                                                Not(HasSubstr("\"time\"")), Not(HasSubstr("\"key\"")))));
}

TEST_F(FailurePolicyTest, AnUnknownTypeIsUnusableAndAcknowledged) {
    Bus sender(kettle_options());
    sender.send(KETTLE_BOILED, boiled("kitchen"));
    BusOptions plain = memory_options({{"EVENT_BUS_CONSUMER_DEAD_LETTERS", "false"}});
    plain.catalogue = openedx_catalogue();
    Bus bus(std::move(plain));
    EXPECT_EQ(Consumer(bus, until_idle()).run().unusable, 1U);
    EXPECT_THAT(log_.lines(),
                ElementsAre(AllOf(HasSubstr("no event type"), HasSubstr(R"("room":"kitchen")"))));
    EXPECT_EQ(lag("kettles", "tea"), 0U);
}

}  // namespace
}  // namespace eventbus::bus_test
