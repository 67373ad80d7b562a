#include "eventbus/settings/settings.hpp"

#include <gmock/gmock.h>

#include "eventbus/event/error.hpp"

namespace eventbus {
namespace {

using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Settings load(const Settings::Values& environment, std::string_view yaml = {}) {
    std::vector<std::string> warnings;
    Settings settings = Settings::load(environment, "settings.yaml", yaml, warnings);
    EXPECT_THAT(warnings, IsEmpty());
    return settings;
}

std::vector<std::string> warnings_of(const Settings::Values& environment, std::string_view yaml = {}) {
    std::vector<std::string> warnings;
    static_cast<void>(Settings::load(environment, "settings.yaml", yaml, warnings));
    return warnings;
}

std::string error_of(const Settings::Values& environment, std::string_view yaml = {}) {
    try {
        static_cast<void>(load(environment, yaml));
    } catch (const SettingsError& error) {
        return error.what();
    }
    return "no error";
}

TEST(Settings, HaveDefaults) {
    const Settings settings = load({});
    EXPECT_EQ(settings.get(setting::PRODUCER), "");
    EXPECT_EQ(settings.get(setting::EMBEDDED_PARTITIONS), 8);
    EXPECT_EQ(settings.get(setting::CONSUMER_STOP_TIMEOUT), milliseconds(30'000));
    EXPECT_TRUE(settings.get(setting::REDIS_CONSUMERS_ENABLED));
    EXPECT_TRUE(settings.get(setting::PRODUCER_CONFIG).empty());
}

TEST(Settings, EnvironmentWinsOverFileAndFileOverDefault) {
    const std::string_view yaml = "EVENT_BUS_TOPIC_PREFIX: file\nEVENT_BUS_EMBEDDED_PARTITIONS: 3\n";
    const Settings settings = load({{"EVENT_BUS_TOPIC_PREFIX", "env"}}, yaml);
    EXPECT_EQ(settings.get(setting::TOPIC_PREFIX), "env");
    EXPECT_EQ(settings.get(setting::EMBEDDED_PARTITIONS), 3);
    EXPECT_EQ(settings.with({{"EVENT_BUS_TOPIC_PREFIX", "code"}}).get(setting::TOPIC_PREFIX), "code");
}

TEST(Settings, AnEmptyVariableIsNotSet) {
    EXPECT_EQ(load({{"EVENT_BUS_EMBEDDED_PARTITIONS", ""}}).get(setting::EMBEDDED_PARTITIONS), 8);
    EXPECT_EQ(
        load({{"EVENT_BUS_TOPIC_PREFIX", ""}}, "EVENT_BUS_TOPIC_PREFIX: dev").get(setting::TOPIC_PREFIX),
        "dev");
}

TEST(Settings, PythonNamesStandForBackends) {
    const Settings settings = load({{"EVENT_BUS_PRODUCER", "edx_event_bus_redis.create_producer"},
                                    {"EVENT_BUS_CONSUMER", "edx_event_bus_kafka.KafkaEventConsumer"}});
    EXPECT_EQ(settings.get(setting::PRODUCER), "redis");
    EXPECT_EQ(settings.get(setting::CONSUMER), "kafka");
    EXPECT_EQ(load({{"EVENT_BUS_PRODUCER", "embedded"}}).get(setting::PRODUCER), "embedded");
}

TEST(Settings, WrongValuesNameSettingValuePlaceAndWhatIsAllowed) {
    EXPECT_THAT(error_of({{"EVENT_BUS_EMBEDDED_PARTITIONS", "many"}}),
                AllOf(HasSubstr("EVENT_BUS_EMBEDDED_PARTITIONS"), HasSubstr("\"many\""),
                      HasSubstr("environment"), HasSubstr("from 1 to 1024")));
    EXPECT_THAT(error_of({{"EVENT_BUS_EMBEDDED_PARTITIONS", "0"}}), HasSubstr("from 1 to 1024"));
    EXPECT_THAT(error_of({}, "a: &x 1\nEVENT_BUS_EMBEDDED_SYNC: hard"), HasSubstr("settings.yaml:2:1"));
    EXPECT_THAT(error_of({{"EVENT_BUS_EMBEDDED_SYNC", "hard"}}), HasSubstr("full, normal or off"));
    EXPECT_THAT(error_of({{"EVENT_BUS_REDIS_CONSUMERS_ENABLED", "maybe"}}), HasSubstr("true or false"));
    EXPECT_THAT(error_of({{"EVENT_BUS_CONSUMER_START", "yesterday"}}), HasSubstr("ISO 8601"));
    EXPECT_THAT(error_of({{"EVENT_BUS_PRODUCER", "some.python.path"}}), HasSubstr("backend"));
    EXPECT_THAT(error_of({{"EVENT_BUS_CONSUMER_STOP_TIMEOUT", "-1"}}), HasSubstr("seconds"));
}

TEST(Settings, SecondsMayHaveAFraction) {
    EXPECT_EQ(load({{"EVENT_BUS_CONSUMER_STOP_TIMEOUT", "0.25"}}).get(setting::CONSUMER_STOP_TIMEOUT),
              milliseconds(250));
}

TEST(Settings, UnknownNamesAreWarnedAboutWithTheNearest) {
    EXPECT_THAT(warnings_of({{"EVENT_BUS_TOPIC_PREFX", "x"}}),
                ElementsAre(AllOf(HasSubstr("EVENT_BUS_TOPIC_PREFX"),
                                  HasSubstr("did you mean EVENT_BUS_TOPIC_PREFIX?"))));
    EXPECT_THAT(
        warnings_of({}, "EVENT_BUS_PRODUCERS: memory"),
        ElementsAre(AllOf(HasSubstr("settings.yaml:1:1"), HasSubstr("did you mean EVENT_BUS_PRODUCER?"))));
    EXPECT_THAT(warnings_of({{"PATH", "/bin"}, {"HOME", "/root"}}), IsEmpty());
}

TEST(Settings, FileMustBeYamlAndAMapping) {
    EXPECT_THAT(error_of({}, "a: [1"), HasSubstr("settings.yaml:"));
    EXPECT_THAT(error_of({}, "- a\n- b"), HasSubstr("mapping"));
    EXPECT_THAT(error_of({}, "EVENT_BUS_TOPIC_PREFIX: a\nEVENT_BUS_TOPIC_PREFIX: b"),
                HasSubstr("settings.yaml:2:1"));
    EXPECT_THAT(error_of({}, std::string(5000, '[')), HasSubstr("nested"));
    EXPECT_THAT(error_of({}, "a:\n" + std::string(5000, ' ') + "b: 1"), HasSubstr("nested"));
}

TEST(Settings, AFileThatIsNotThereIsAnError) {
    std::vector<std::string> warnings;
    EXPECT_THROW(static_cast<void>(Settings::load({{"EVENT_BUS_CONFIG", "/no/such/file.yaml"}}, warnings)),
                 SettingsError);
}

TEST(Settings, SecretsAreHidden) {
    const Settings settings = load({{"EVENT_BUS_KAFKA_API_SECRET", "hush"},
                                    {"EVENT_BUS_REDIS_CONNECTION_URL", "redis://me:p@ss@host:6379/0"}});
    for (const SettingView& view : settings.view()) {
        EXPECT_THAT(view.value.value_or(""), testing::Not(HasSubstr("hush")));
        EXPECT_THAT(view.value.value_or(""), testing::Not(HasSubstr("p@ss")));
        if (view.declaration->name == "EVENT_BUS_REDIS_CONNECTION_URL") {
            EXPECT_EQ(view.value, "redis://me:********@host:6379/0");
        }
        if (view.declaration->name == "EVENT_BUS_KAFKA_API_SECRET") {
            EXPECT_EQ(view.value, "********");
        }
    }
    EXPECT_EQ(settings.get(setting::KAFKA_API_SECRET), "hush");
}

TEST(Settings, TheEmbeddedPathFollowsTheUsersStateDirectory) {
    EXPECT_EQ(load({{"HOME", "/home/ann"}}).get(setting::EMBEDDED_PATH),
              "/home/ann/.local/state/eventbus/events.db");
    EXPECT_EQ(load({{"HOME", "/home/ann"}, {"XDG_STATE_HOME", "/state"}}).get(setting::EMBEDDED_PATH),
              "/state/eventbus/events.db");
    EXPECT_EQ(load({{"EVENT_BUS_EMBEDDED_PATH", "/x.db"}, {"HOME", "/h"}}).get(setting::EMBEDDED_PATH),
              "/x.db");
    EXPECT_EQ(load({}).get(setting::EMBEDDED_PATH), "");
}

TEST(Settings, WithRefusesUnknownNamesAndWrongValues) {
    EXPECT_THROW(static_cast<void>(Settings().with({{"EVENT_BUS_NONSENSE", "1"}})), SettingsError);
    EXPECT_THROW(static_cast<void>(Settings().with({{"EVENT_BUS_EMBEDDED_PARTITIONS", "x"}})), SettingsError);
}

}  // namespace
}  // namespace eventbus
