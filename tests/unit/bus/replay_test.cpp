#include "eventbus/bus/replay.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <thread>

#include "consuming.hpp"
#include "eventbus/bus/testing.hpp"
#include "fixture.hpp"

namespace eventbus::bus_test {
namespace {

using kettle::KETTLE_BOILED;
using kettle::KETTLE_EMPTIED;
using kettle::KettleBoiled;
using kettle::KettleEmptied;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class ReplayTest : public BusTest {
  protected:
    static ReplayOptions kettles() { return {.topic = "kettles"}; }

    void boil(Bus& bus, int count, int first = 0, const std::string& room = "kitchen") {
        for (int i = first; i < first + count; ++i) bus.send(KETTLE_BOILED, boiled(room, i));
    }

    /// Notes the degrees of each event that the bus handles from now on.
    std::vector<std::int64_t>& note(Bus& bus) {
        bus.connect(KETTLE_BOILED, "note", [this](const KettleBoiled& data, const EventContext& context) {
            if (context.from_bus()) degrees_.push_back(data.kettle.degrees);
        });
        return degrees_;
    }

  private:
    std::vector<std::int64_t> degrees_;
};

TEST_F(ReplayTest, GivesWhatIsStoredToTheHandlersAndLeavesGroupsAlone) {
    Bus bus(kettle_options());
    boil(bus, 10);
    ASSERT_EQ(Consumer(bus, until_idle()).run().handled, 10U);
    boil(bus, 3, 10);
    const auto& degrees = note(bus);
    const ReplayResult result = Replay(bus, kettles()).run();
    EXPECT_EQ(result.handled, 13U);
    EXPECT_EQ(result.read, 13U);
    EXPECT_EQ(result.events(), 13U);
    EXPECT_TRUE(result.complete);
    EXPECT_TRUE(result.last);
    EXPECT_TRUE(std::ranges::is_sorted(degrees));
    EXPECT_EQ(degrees.size(), 13U);
    EXPECT_EQ(lag("kettles", "tea"), 3U);
    EXPECT_EQ(memory_->admin()->groups(TopicName("kettles")).size(), 1U);
}

TEST_F(ReplayTest, TakesTypesByAnyOfTheirNames) {
    Bus bus(kettle_options());
    boil(bus, 3);
    bus.send(KETTLE_EMPTIED, KettleEmptied{boiled("kitchen").kettle});
    for (const std::string name : {"KETTLE_EMPTIED", "org.example.kettle.emptied.v1"}) {
        EventRecorder boils(bus, KETTLE_BOILED);
        EventRecorder empties(bus, KETTLE_EMPTIED);
        ReplayOptions options = kettles();
        options.types = {name};
        const ReplayResult result = Replay(bus, options).run();
        EXPECT_EQ(result.read, 4U);
        EXPECT_EQ(result.handled, 1U);
        EXPECT_EQ(boils.size(), 0U);
        EXPECT_EQ(empties.size(), 1U);
    }
    ReplayOptions both = kettles();
    both.types = {"KETTLE_EMPTIED", "KETTLE_BOILED"};
    EXPECT_EQ(Replay(bus, both).run().handled, 4U);
    both.types = {"KETTLE_EMPTED"};
    EXPECT_THAT(message_of<InvalidValue>([&] { Replay(bus, both); }), HasSubstr("KETTLE_EMPTIED"));
}

TEST_F(ReplayTest, TakesKeys) {
    Bus bus(kettle_options());
    boil(bus, 4, 0, "kitchen");
    boil(bus, 4, 10, "office");
    boil(bus, 4, 20, "garden");
    const auto& degrees = note(bus);
    ReplayOptions options = kettles();
    options.keys = {"office"};
    EXPECT_EQ(Replay(bus, options).run().handled, 4U);
    EXPECT_THAT(degrees, ElementsAre(10, 11, 12, 13));
    options.keys = {"office", "garden", "cellar"};
    EXPECT_EQ(Replay(bus, options).run().handled, 8U);
    options.keys = {""};
    const ReplayResult none = Replay(bus, options).run();
    EXPECT_EQ(none.handled, 0U);
    EXPECT_EQ(none.read, 12U);
    EXPECT_FALSE(none.last);
}

TEST_F(ReplayTest, GoesFromATimeToATime) {
    Bus bus(kettle_options());
    std::vector<Timestamp> times;
    for (int i = 0; i < 3; ++i) {
        boil(bus, 2, 2 * i);
        std::this_thread::sleep_for(milliseconds{5});
        times.push_back(now());
        std::this_thread::sleep_for(milliseconds{5});
    }
    const auto& degrees = note(bus);
    ReplayOptions options = kettles();
    options.from = AtTime{times[0]};
    options.to = AtTime{times[1]};
    EXPECT_EQ(Replay(bus, options).run().handled, 2U);
    EXPECT_THAT(degrees, ElementsAre(2, 3));
}

TEST_F(ReplayTest, GoesFromBehindAnIdToAnId) {
    memory_ = make_memory_broker({.partitions = 1, .retention = {}, .clock = {}});
    Bus bus(kettle_options());
    boil(bus, 6);
    const auto& degrees = note(bus);
    ReplayOptions options = kettles();
    options.from = AfterId{"1"};
    options.to = AfterId{"3"};
    const ReplayResult result = Replay(bus, options).run();
    EXPECT_THAT(degrees, ElementsAre(2, 3));
    EXPECT_EQ(result.last, (Position{Partition{0}, {3, 0}}));
    EXPECT_EQ(result.last_position_text, "3");
    options.to = AfterId{"three"};
    EXPECT_THROW(Replay(bus, options).run(), InvalidValue);
}

TEST_F(ReplayTest, EndsWithWhatWasThereWhenItBegan) {
    Bus bus(kettle_options());
    boil(bus, 5);
    int handled = 0;
    bus.connect(KETTLE_BOILED, "boil more", [&](const KettleBoiled&, const EventContext& context) {
        if (context.from_bus() && ++handled < 1000) boil(bus, 1, 100);
    });
    EXPECT_EQ(Replay(bus, kettles()).run().handled, 5U);
    EXPECT_EQ(stored("kettles").size(), 10U);
}

TEST_F(ReplayTest, CountEndsItAfterSoManyThatWereTaken) {
    Bus bus(kettle_options());
    boil(bus, 5, 0, "kitchen");
    boil(bus, 5, 10, "office");
    bus.connect(KETTLE_BOILED, "picky", [](const KettleBoiled& data) {
        if (data.kettle.degrees == 11) throw std::runtime_error("too cold");
    });
    ReplayOptions options = kettles();
    options.keys = {"office"};
    options.count = 3;
    const ReplayResult result = Replay(bus, options).run();
    EXPECT_EQ(result.handled, 2U);
    EXPECT_EQ(result.failed, 1U);
    EXPECT_TRUE(result.complete);
    options.count = 0;
    EXPECT_TRUE(Replay(bus, options).run().complete);
}

TEST_F(ReplayTest, LogsWhatFailedAndGoesOn) {
    Bus bus(kettle_options());
    boil(bus, 3);
    bus.connect(KETTLE_BOILED, "picky", [](const KettleBoiled& data) {
        if (data.kettle.degrees == 1) throw std::runtime_error("too cold");
    });
    const ReplayResult result = Replay(bus, kettles()).run();
    EXPECT_EQ(result.handled, 2U);
    EXPECT_EQ(result.failed, 1U);
    EXPECT_THAT(log_.text(), HasSubstr("error: an event was not handled: topic kettles"));
    EXPECT_THAT(log_.text(), HasSubstr("too cold"));
    EXPECT_THAT(log_.text(), HasSubstr(R"("degrees":1)"));
}

TEST_F(ReplayTest, TellsAFailureToWhomItIsAskedTo) {
    Bus bus(kettle_options());
    boil(bus, 3);
    bus.connect(KETTLE_BOILED, "picky", [](const KettleBoiled&) { throw std::runtime_error("too cold"); });
    class Second : public FailurePolicy {
      public:
        void settle(Bus& /*bus*/, const FailedEvent& failed) override {
            EXPECT_EQ(failed.event.key, "kitchen");
            EXPECT_EQ(failed.failures.size(), 1U);
            if (++failures == 2) throw std::runtime_error("enough");
        }
        int failures = 0;
    };
    const auto second = std::make_shared<Second>();
    ReplayOptions options = kettles();
    options.failures = second;
    EXPECT_EQ(message_of<std::runtime_error>([&] { Replay(bus, options).run(); }), "enough");
    EXPECT_EQ(second->failures, 2);
    EXPECT_THAT(log_.text(), Not(HasSubstr("was not handled")));
}

TEST_F(ReplayTest, CountsWhatCannotBeUsed) {
    Bus bus(kettle_options());
    boil(bus, 1);
    const ReceivedEvent good = stored("kettles").at(0);
    EventMetadata metadata = good.metadata;
    metadata.event_type = "org.example.unknown.v1";
    const TopicName topic("kettles");
    OutgoingEvent event;
    event.topic = &topic;
    event.metadata = &metadata;
    ASSERT_EQ(memory_->publisher()->publish({&event, 1}).front().failure, nullptr);
    const ReplayResult result = Replay(bus, kettles()).run();
    EXPECT_EQ(result.handled, 1U);
    EXPECT_EQ(result.unusable, 1U);
    EXPECT_THAT(log_.text(), HasSubstr("org.example.unknown.v1"));
}

TEST_F(ReplayTest, ADryRunOnlyCounts) {
    Bus bus(kettle_options());
    boil(bus, 4, 0, "kitchen");
    boil(bus, 2, 10, "office");
    const auto& degrees = note(bus);
    ReplayOptions options = kettles();
    options.keys = {"office"};
    Replay replay(bus, options);
    const ReplayResult result = replay.dry_run();
    EXPECT_EQ(result.events(), 2U);
    EXPECT_EQ(result.read, 6U);
    EXPECT_TRUE(degrees.empty());
    EXPECT_EQ(replay.run().handled, 2U);
    EXPECT_EQ(degrees.size(), 2U);
}

TEST_F(ReplayTest, StopsAfterTheEventAtHand) {
    Bus bus(kettle_options());
    boil(bus, 5);
    std::stop_source stop;
    int handled = 0;
    bus.connect(KETTLE_BOILED, "stop", [&](const KettleBoiled&) {
        if (++handled == 2) stop.request_stop();
    });
    const ReplayResult result = Replay(bus, kettles()).run(stop.get_token());
    EXPECT_EQ(result.handled, 2U);
    EXPECT_FALSE(result.complete);
    EXPECT_EQ(Replay(bus, kettles()).run(stop.get_token()).events(), 0U);
}

TEST_F(ReplayTest, TellsWhenItHasNotStoppedInTime) {
    Bus bus(kettle_options());
    boil(bus, 1);
    std::stop_source stop;
    Gate gate;
    bus.connect(KETTLE_BOILED, "slow", [&](const KettleBoiled&) {
        stop.request_stop();
        gate.pass();
    });
    ReplayOptions options = kettles();
    options.stop_timeout = milliseconds{1};
    options.on_overdue = [&] { gate.open(); };
    EXPECT_EQ(Replay(bus, options).run(stop.get_token()).handled, 1U);
    EXPECT_THAT(log_.text(), HasSubstr("still handling org.example.kettle.boiled.v1"));
}

TEST_F(ReplayTest, TellsItsProgress) {
    Bus bus(kettle_options());
    boil(bus, 4, 0, "kitchen");
    boil(bus, 2, 10, "office");
    ReplayOptions options = kettles();
    options.keys = {"office"};
    std::vector<ReplayProgress> told;
    options.on_progress = [&](const ReplayProgress& progress) { told.push_back(progress); };
    Replay(bus, options).run();
    ASSERT_EQ(told.size(), 8U);
    EXPECT_EQ(told.front().read, 0U);
    EXPECT_EQ(told.front().total, 6U);
    EXPECT_EQ(told.back().read, 6U);
    EXPECT_EQ(told.back().events, 2U);
}

TEST_F(ReplayTest, TriesAgainWhenTheBrokerFailsForAWhile) {
    Bus bus(faulty_options());
    boil(bus, 5);
    int failures = 0;
    faults_->read = [&] {
        if (++failures <= 2) throw BrokerError("the disk sleeps", true);
    };
    const ReplayResult result = Replay(bus, kettles()).run();
    EXPECT_EQ(result.handled, 5U);
    EXPECT_TRUE(result.complete);
    EXPECT_THAT(log_.text(), HasSubstr("the disk sleeps"));
    faults_->read = [] { throw BrokerError("the disk is gone", false); };
    EXPECT_EQ(message_of<BrokerError>([&] { Replay(bus, kettles()).run(); }), "the disk is gone");
}

TEST_F(ReplayTest, AStopEndsTryingAgain) {
    Bus bus(faulty_options());
    boil(bus, 5);
    std::stop_source stop;
    faults_->read = [&] {
        stop.request_stop();
        throw BrokerError("the disk sleeps", true);
    };
    EXPECT_FALSE(Replay(bus, kettles()).run(stop.get_token()).complete);
}

TEST_F(ReplayTest, NeedsATopicThatIsThereAndAConsumer) {
    Bus bus(kettle_options({{"EVENT_BUS_TOPIC_PREFIX", "dev"}}));
    EXPECT_THAT(message_of<NotFound>([&] { Replay(bus, kettles()).run(); }), HasSubstr("dev-kettles"));
    EXPECT_TRUE(memory_->admin()->topics().empty());
    EXPECT_THROW(Replay(bus, {.topic = "not a topic"}), InvalidValue);
    Bus without(options({}));
    EXPECT_THROW(Replay(without, kettles()), SettingsError);
}

}  // namespace
}  // namespace eventbus::bus_test
