#include <gtest/gtest.h>

#include <stdexcept>

#include "eventbus/bus/testing.hpp"
#include "fixture.hpp"

namespace eventbus::bus_test {
namespace {

using kettle::KETTLE_BOILED;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class SendFailedTest : public BusTest {
  protected:
    /// Two topics, of which one fails.
    [[nodiscard]] BusOptions two_topics(const std::string& failing, const std::exception_ptr& cause) const {
        faults_->refuse = [failing, cause](const OutgoingEvent& event) -> std::exception_ptr {
            return event.topic->str() == failing ? cause : nullptr;
        };
        return faulty_options(
            {{"EVENT_BUS_PRODUCER_CONFIG", producer_config({{"org.example.kettle.boiled.v1", "ant"},
                                                            {"org.example.kettle.boiled.v1", "zebra"}})}});
    }

    /// Whether a failure for this cause says that it may pass.
    [[nodiscard]] bool may_pass(const std::exception_ptr& cause) const {
        Bus bus(two_topics("ant", cause));
        try {
            bus.send(KETTLE_BOILED, boiled("kitchen"));
        } catch (const SendFailed& failure) {
            return failure.retriable();
        }
        ADD_FAILURE() << "threw nothing";
        return false;
    }
};

TEST_F(SendFailedTest, OtherTopicsAndHandlersHaveTheEventAndTheReportTellsAll) {
    const auto cause = std::make_exception_ptr(StorageFull("the tank is full"));
    Bus bus(two_topics("zebra", cause));
    EventRecorder recorder(bus, KETTLE_BOILED);
    try {
        bus.send(KETTLE_BOILED, boiled("kitchen"));
        FAIL() << "threw nothing";
    } catch (const SendFailed& thrown) {
        const SendFailed failure = thrown;
        EXPECT_EQ(failure.topic().str(), "zebra");
        EXPECT_EQ(failure.key(), "kitchen");
        EXPECT_EQ(failure.cause(), cause);
        EXPECT_EQ(failure.id(), recorder.events().at(0).metadata.id);
        ASSERT_EQ(failure.report().topics.size(), 2U);
        EXPECT_EQ(failure.report().topics[0].failure, nullptr);
        EXPECT_EQ(failure.report().topics[0].position, stored("ant").at(0).position);
        EXPECT_EQ(&failure.failure(), &failure.report().topics[1]);
        EXPECT_THAT(failure.reports(), SizeIs(1));
        EXPECT_THAT(failure.what(),
                    AllOf(HasSubstr("org.example.kettle.boiled.v1 " + failure.id().to_string()),
                          HasSubstr("topic zebra"), HasSubstr("key \"kitchen\""),
                          HasSubstr("the tank is full"), Not(HasSubstr("topic ant"))));
    }
    EXPECT_EQ(recorder.size(), 1U);
    EXPECT_EQ(stored("ant").size(), 1U);
    EXPECT_THAT(stored("zebra"), IsEmpty());
}

TEST_F(SendFailedTest, ItMayPassWhenItsCauseMay) {
    EXPECT_TRUE(may_pass(std::make_exception_ptr(StorageFull("full"))));
    EXPECT_FALSE(may_pass(std::make_exception_ptr(BrokerError("broken", false))));
    EXPECT_FALSE(may_pass(std::make_exception_ptr(InvalidValue("too large"))));
    EXPECT_FALSE(may_pass(std::make_exception_ptr(7)));
}

TEST_F(SendFailedTest, TheSameEventCanBeSentAgain) {
    Bus failing(two_topics("ant", std::make_exception_ptr(StorageFull("full"))));
    EventMetadata metadata;
    try {
        failing.send(KETTLE_BOILED, boiled("kitchen"));
    } catch (const SendFailed& failure) {
        metadata = failure.report().metadata;
    }
    faults_->refuse = nullptr;
    failing.send(KETTLE_BOILED, boiled("kitchen"), {.metadata = metadata});
    EXPECT_EQ(stored("ant").at(0).metadata, metadata);
}

TEST_F(SendFailedTest, ABrokerThatCannotBeOpenedIsTriedAgainByTheNextSend) {
    faults_->open = [] { throw BrokerError("the door is locked", true); };
    Bus bus(faulty_options());
    for (int i = 0; i < 2; ++i)
        EXPECT_THAT(message_of<SendFailed>([&] { bus.send(KETTLE_BOILED, boiled("kitchen")); }),
                    HasSubstr("the door is locked"));
    faults_->open = nullptr;
    EXPECT_TRUE(bus.send(KETTLE_BOILED, boiled("kitchen")).stored());
}

TEST_F(SendFailedTest, AFileThatCannotBeMadeIsNamed) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("nowhere/");
    Bus bus(kettle_options({{"EVENT_BUS_PRODUCER", "embedded"}, {"EVENT_BUS_EMBEDDED_PATH", path}}));
    EXPECT_THAT(message_of<SendFailed>([&] { bus.send(KETTLE_BOILED, boiled("kitchen")); }), HasSubstr(path));
}

}  // namespace
}  // namespace eventbus::bus_test
