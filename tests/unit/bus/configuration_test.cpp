#include <gtest/gtest.h>

#include "eventbus/broker/memory/memory_broker.hpp"
#include "fixture.hpp"

namespace eventbus::bus_test {
namespace {

using kettle::KETTLE_BOILED;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ConfigurationTest : public BusTest {
  protected:
    /// What the bus says to a producer configuration.
    [[nodiscard]] std::string refusal(const std::string& config, const Settings::Values& more = {}) const {
        Settings::Values values{{"EVENT_BUS_PRODUCER_CONFIG", config}};
        values.insert(more.begin(), more.end());
        return message_of<SettingsError>([&] { const Bus bus(memory_options(values)); });
    }
};

std::string kettles(const std::string& topic, const std::string& key_field, bool enabled = true) {
    return R"({"org.example.kettle.boiled.v1": {")" + topic + R"(": {"event_key_field": ")" + key_field +
           R"(", "enabled": )" + (enabled ? "true" : "false") + "}}}";
}

TEST_F(ConfigurationTest, TopicsThatAreNotEnabledGetNothing) {
    Bus bus(memory_options({{"EVENT_BUS_PRODUCER_CONFIG", kettles("kettles", "kettle.room", false)}}));
    EXPECT_THAT(bus.send(KETTLE_BOILED, boiled("kitchen")).topics, IsEmpty());
    EXPECT_FALSE(memory_->admin()->topic(TopicName("kettles")));
}

TEST_F(ConfigurationTest, EventTypesThatAreNotConfiguredGoNowhere) {
    Bus bus(memory_options({{"EVENT_BUS_PRODUCER_CONFIG", kettles("kettles", "kettle.room")}}));
    EXPECT_THAT(bus.send(kettle::KETTLE_EMPTIED, kettle::KettleEmptied{boiled("a").kettle}).topics,
                IsEmpty());
}

TEST_F(ConfigurationTest, AnUnknownEventTypeIsRefusedWithTheNearestOne) {
    EXPECT_THAT(refusal(producer_config({{"org.example.kettle.boild.v1", "kettles"}})),
                AllOf(HasSubstr("EVENT_BUS_PRODUCER_CONFIG"), HasSubstr("\"org.example.kettle.boild.v1\""),
                      HasSubstr("did you mean org.example.kettle.boiled.v1?")));
    EXPECT_THAT(refusal(producer_config({{"x", "kettles"}})), HasSubstr("eventbus catalogue list"));
}

TEST_F(ConfigurationTest, AKeyFieldThatTheEventDoesNotHaveIsRefusedWithThoseItHas) {
    EXPECT_THAT(refusal(kettles("kettles", "kettle.roof")),
                AllOf(HasSubstr("EVENT_BUS_PRODUCER_CONFIG"), HasSubstr("org.example.kettle.boiled.v1"),
                      HasSubstr("\"kettles\""), HasSubstr("kettle.roof"), HasSubstr("room, degrees, owner")));
}

TEST_F(ConfigurationTest, ATopicThatCannotBeIsRefused) {
    const std::string longest(249, 'k');
    const Bus bus(memory_options({{"EVENT_BUS_PRODUCER_CONFIG", kettles(longest, "kettle.room")}}));
    EXPECT_THAT(refusal(kettles(longest, "kettle.room"), {{"EVENT_BUS_TOPIC_PREFIX", "dev"}}),
                HasSubstr("topic's name"));
    EXPECT_THAT(refusal(kettles("ket tles", "kettle.room")), HasSubstr("ket tles"));
}

TEST_F(ConfigurationTest, WhatIsNotUsedIsCheckedToo) {
    EXPECT_THAT(refusal(kettles("kettles", "kettle.roof", false)), HasSubstr("kettle.roof"));
    EXPECT_THAT(refusal(kettles("kettles", "kettle.roof"), {{"EVENT_BUS_PRODUCER", ""}}),
                HasSubstr("kettle.roof"));
}

TEST_F(ConfigurationTest, ABackendThatTheProgramDoesNotHaveIsRefused) {
    for (const std::string setting : {"EVENT_BUS_PRODUCER", "EVENT_BUS_CONSUMER"})
        EXPECT_THAT(
            message_of<SettingsError>([&] {
                BusOptions own = options({{setting, "kafka"}});
                own.backends = {};
                for (const char* name : {"embedded", "memory"})
                    own.backends.add(name,
                                     [](const Settings&, const LogSink&) { return make_memory_broker(); });
                const Bus bus(std::move(own));
            }),
            AllOf(HasSubstr(setting), HasSubstr("kafka"), HasSubstr("embedded"), HasSubstr("memory")));
}

TEST_F(ConfigurationTest, ThePythonNamesOfABackendMeanTheBackend) {
    BusOptions redis = options({{"EVENT_BUS_PRODUCER", "edx_event_bus_redis.create_producer"},
                                {"EVENT_BUS_CONSUMER", "edx_event_bus_redis.RedisEventConsumer"}});
    redis.backends.add("redis", [this](const Settings&, const LogSink&) { return memory_; });
    const Bus bus(std::move(redis));
    EXPECT_EQ(bus.producer_broker(), memory_);
    EXPECT_EQ(bus.consumer_broker(), memory_);
}

TEST_F(ConfigurationTest, NothingIsOpenedBeforeTheFirstEventGoesToATopic) {
    int opened = 0;
    faults_->open = [&] { ++opened; };
    Bus bus(faulty_options());
    EXPECT_TRUE(bus.flush(patience));
    bus.connect_all("raw", [](const RawEvent&) {});
    static_cast<void>(bus.producer_broker());
    EXPECT_EQ(opened, 0);
    bus.send(KETTLE_BOILED, boiled("kitchen"));
    bus.send(KETTLE_BOILED, boiled("kitchen"));
    EXPECT_EQ(opened, 1);
}

}  // namespace
}  // namespace eventbus::bus_test
