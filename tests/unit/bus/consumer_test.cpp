#include "eventbus/bus/consumer.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "eventbus/bus/testing.hpp"
#include "fixture.hpp"

namespace eventbus::bus_test {
namespace {

using kettle::KETTLE_BOILED;
using kettle::KettleBoiled;

class ConsumerTest : public BusTest {
  protected:
    static ConsumeOptions consume(const std::string& group = "tea") {
        ConsumeOptions options;
        options.topics = {"kettles"};
        options.group = group;
        return options;
    }
};

TEST_F(ConsumerTest, HandlesWhatIsThereAndEndsWhenIdle) {
    Bus bus(kettle_options());
    for (int i = 0; i < 10; ++i) bus.send(KETTLE_BOILED, boiled("kitchen", i));
    EventRecorder recorder(bus, KETTLE_BOILED);
    ConsumeOptions options = consume();
    options.until_idle = std::chrono::milliseconds{50};
    const ConsumeResult result = Consumer(bus, options).run();
    EXPECT_EQ(result.handled, 10U);
    EXPECT_EQ(recorder.size(), 10U);
    EXPECT_EQ(lag("kettles", "tea"), 0U);
}

}  // namespace
}  // namespace eventbus::bus_test
