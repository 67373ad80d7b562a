#include <gtest/gtest.h>

#include "eventbus/broker/embedded/embedded_broker.hpp"
#include "eventbus/settings/settings.hpp"

namespace eventbus {
namespace {

ConsumerLimits limits(const Settings::Values& values) {
    const Settings settings = Settings().with({{"EVENT_BUS_EMBEDDED_PATH", "unused.db"}}).with(values);
    return make_embedded_broker(settings, {})->consumer_limits();
}

TEST(ConsumerLimits, AreNoneByDefault) {
    EXPECT_TRUE(limits({}).enabled);
    EXPECT_EQ(limits({}).consecutive_errors, 0U);
}

TEST(ConsumerLimits, AreAsTheSettingsSay) {
    EXPECT_FALSE(limits({{"EVENT_BUS_EMBEDDED_CONSUMERS_ENABLED", "false"}}).enabled);
    EXPECT_EQ(limits({{"EVENT_BUS_EMBEDDED_CONSUMER_CONSECUTIVE_ERRORS_LIMIT", "7"}}).consecutive_errors, 7U);
}

}  // namespace
}  // namespace eventbus
