#include "eventbus/settings/settings.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

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

TEST(Settings, AnEmptyValueIsNotSet) {
    EXPECT_EQ(load({{"EVENT_BUS_EMBEDDED_PARTITIONS", ""}}).get(setting::EMBEDDED_PARTITIONS), 8);
    EXPECT_EQ(
        load({{"EVENT_BUS_TOPIC_PREFIX", ""}}, "EVENT_BUS_TOPIC_PREFIX: dev").get(setting::TOPIC_PREFIX),
        "dev");
    const std::string_view empty =
        "EVENT_BUS_EMBEDDED_PARTITIONS: \"\"\nEVENT_BUS_REDIS_STREAM_MAX_LEN: ~\n"
        "EVENT_BUS_PRODUCER_CONFIG:\n";
    const Settings settings = load({}, empty);
    EXPECT_EQ(settings.get(setting::EMBEDDED_PARTITIONS), 8);
    EXPECT_EQ(settings.get(setting::REDIS_STREAM_MAX_LEN), 10000);
    EXPECT_TRUE(settings.get(setting::PRODUCER_CONFIG).empty());
    EXPECT_EQ(load({{"EVENT_BUS_EMBEDDED_PARTITIONS", "3"}})
                  .with({{"EVENT_BUS_EMBEDDED_PARTITIONS", ""}})
                  .get(setting::EMBEDDED_PARTITIONS),
              8);
}

TEST(Settings, BooleansAreReadAsPeopleWriteThem) {
    for (const char* yes : {"true", "True", "TRUE", "1", "yes", "On"})
        EXPECT_TRUE(load({{"EVENT_BUS_REDIS_CONSUMERS_ENABLED", yes}}).get(setting::REDIS_CONSUMERS_ENABLED))
            << yes;
    for (const char* no : {"false", "False", "0", "NO", "off"})
        EXPECT_FALSE(load({{"EVENT_BUS_REDIS_CONSUMERS_ENABLED", no}}).get(setting::REDIS_CONSUMERS_ENABLED))
            << no;
    EXPECT_FALSE(load({}, "EVENT_BUS_REDIS_CONSUMERS_ENABLED: False").get(setting::REDIS_CONSUMERS_ENABLED));
}

TEST(Settings, PythonNamesStandForBackends) {
    const std::vector<std::pair<std::string, std::string>> names{
        {"edx_event_bus_redis.create_producer", "redis"}, {"edx_event_bus_redis.RedisEventConsumer", "redis"},
        {"edx_event_bus_kafka.create_producer", "kafka"}, {"edx_event_bus_kafka.KafkaEventConsumer", "kafka"},
        {"edx_event_bus_kafka.get_producer", "kafka"},    {"embedded", "embedded"},
        {"my-own_backend2", "my-own_backend2"},
    };
    for (const auto& [given, name] : names) {
        EXPECT_EQ(load({{"EVENT_BUS_PRODUCER", given}}).get(setting::PRODUCER), name);
        EXPECT_EQ(load({{"EVENT_BUS_CONSUMER", given}}).get(setting::CONSUMER), name);
    }
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
    EXPECT_THAT(error_of({{"EVENT_BUS_TOPIC_PREFIX", "a b"}}), HasSubstr("letters, digits"));
    EXPECT_THAT(error_of({{"EVENT_BUS_REDIS_CONNECTION_URL", "http://h"}}),
                HasSubstr("redis://, rediss://, unix://, redis+sentinel:// or rediss+sentinel://"));
    EXPECT_THAT(error_of({{"EVENT_BUS_KAFKA_API_KEY", "key\n"}}), HasSubstr("line ends"));
    EXPECT_THAT(error_of({{"EVENT_BUS_KAFKA_API_KEY", "\xff"}}), HasSubstr("UTF-8"));
    EXPECT_THAT(error_of({{"EVENT_BUS_REDIS_STREAM_MAX_LEN", "0"}}), HasSubstr("at least 1"));
    EXPECT_THAT(error_of({}, "EVENT_BUS_TOPIC_PREFIX: [a, b]"),
                AllOf(HasSubstr("EVENT_BUS_TOPIC_PREFIX (settings.yaml:1:1)"), HasSubstr("single value")));
}

TEST(Settings, NumbersAreWholeTextsWithinTheirRange) {
    for (const char* wrong :
         {"8 ", " 8", "+8", "8.0", "0x8", "1e2", "1025", "-1", "99999999999999999999", "8a"})
        EXPECT_THAT(error_of({{"EVENT_BUS_EMBEDDED_PARTITIONS", wrong}}), HasSubstr("from 1 to 1024"))
            << wrong;
    EXPECT_EQ(load({{"EVENT_BUS_EMBEDDED_PARTITIONS", "1024"}}).get(setting::EMBEDDED_PARTITIONS), 1024);
    for (const char* wrong :
         {"-1", "-0.001", "1s", "1e3", "inf", "nan", "86400.1", "99999999999999999999", "."})
        EXPECT_THAT(error_of({{"EVENT_BUS_CONSUMER_STOP_TIMEOUT", wrong}}), HasSubstr("from 0 to 86400"))
            << wrong;
}

TEST(Settings, SecondsMayHaveAFraction) {
    EXPECT_EQ(load({{"EVENT_BUS_CONSUMER_STOP_TIMEOUT", "0.25"}}).get(setting::CONSUMER_STOP_TIMEOUT),
              milliseconds(250));
    EXPECT_EQ(load({{"EVENT_BUS_CONSUMER_STOP_TIMEOUT", "0.29"}}).get(setting::CONSUMER_STOP_TIMEOUT),
              milliseconds(290));
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

TEST(Settings, OfManyUnknownNamesSomeAreTold) {
    std::string yaml;
    for (int i = 0; i < 50'000; ++i) yaml += "key_" + std::to_string(i) + ": 1\n";
    const auto warnings = warnings_of({}, yaml);
    ASSERT_EQ(warnings.size(), 21U);
    EXPECT_EQ(warnings.back(), "49980 more unknown settings");
}

TEST(SettingsFile, MustBeYamlAndAMapping) {
    EXPECT_THAT(error_of({}, "\na: [1"), HasSubstr("settings.yaml:2:"));
    EXPECT_THAT(error_of({}, "- a\n- b"), HasSubstr("mapping"));
    EXPECT_THAT(error_of({}, "text"), HasSubstr("mapping"));
    EXPECT_THAT(error_of({}, "[a]: b"), HasSubstr("must be text"));
    EXPECT_THAT(error_of({}, "EVENT_BUS_TOPIC_PREFIX: *nothing"), HasSubstr("settings.yaml:1:"));
    EXPECT_EQ(load({}, "").get(setting::EMBEDDED_PARTITIONS), 8);
    EXPECT_EQ(load({}, "# nothing yet\n").get(setting::EMBEDDED_PARTITIONS), 8);
}

TEST(SettingsFile, HoldsEachNameOnce) {
    EXPECT_THAT(error_of({}, "EVENT_BUS_TOPIC_PREFIX: a\nEVENT_BUS_TOPIC_PREFIX: b"),
                HasSubstr("settings.yaml:2:1"));
    EXPECT_THAT(error_of({}, "EVENT_BUS_TOPIC_PREFIX:\nEVENT_BUS_TOPIC_PREFIX: b"),
                HasSubstr("settings.yaml:2:1"));
    EXPECT_THAT(error_of({}, "EVENT_BUS_PRODUCER_CONFIG:\n  a.v1: {}\n  a.v1: {}\n"),
                HasSubstr("settings.yaml:3:3"));
}

TEST(SettingsFile, HoldsOneDocument) {
    EXPECT_EQ(load({}, "---\nEVENT_BUS_TOPIC_PREFIX: a\n...\n").get(setting::TOPIC_PREFIX), "a");
    EXPECT_THAT(error_of({}, "EVENT_BUS_TOPIC_PREFIX: a\n---\nEVENT_BUS_TOPIC_PREFIX: b\n"),
                HasSubstr("one YAML document"));
    EXPECT_THAT(error_of({}, "{},{}"), HasSubstr("one YAML document"));
}

TEST(SettingsFile, MustBeUtf8) {
    EXPECT_THAT(error_of({}, "a: 1\nb: \xff\n"), HasSubstr("settings.yaml:2: must be UTF-8"));
    EXPECT_THAT(error_of({}, std::string_view("a\0:\0 \0b\0", 8)), HasSubstr("UTF-8"));
    EXPECT_EQ(load({},
                   "\xef\xbb\xbf"
                   "EVENTS_SERVICE_NAME: caf\xc3\xa9")
                  .get(setting::SERVICE_NAME),
              "caf\xc3\xa9");
}

TEST(SettingsFile, MayBeDeepAndLargeOnlySoFar) {
    constexpr std::size_t mebibyte = 1 << 20;
    EXPECT_THAT(error_of({}, std::string(mebibyte, '[')), HasSubstr("nested"));
    EXPECT_THAT(error_of({}, std::string(mebibyte, '{')), HasSubstr("nested"));
    std::string lines;
    for (int i = 0; i < 1200; ++i) lines.append(static_cast<std::size_t>(i), ' ').append("a:\n");
    EXPECT_THAT(error_of({}, lines), HasSubstr("nested"));
    std::string dashes;
    while (dashes.size() < mebibyte) dashes += "- ";
    EXPECT_THAT(error_of({}, dashes), HasSubstr("nested"));
    EXPECT_THAT(error_of({}, "EVENT_BUS_PRODUCER_CONFIG: " + std::string(20, '[') + std::string(20, ']')),
                HasSubstr("nested"));
    EXPECT_THAT(error_of({}, "#" + std::string(mebibyte, ' ')), HasSubstr("1 MiB"));
    EXPECT_THAT(error_of({}, "a: &a [*a]"), HasSubstr("nested"));
}

TEST(SettingsFile, AliasesOfAliasesAreBounded) {
    std::string yaml = "a0: &a0 [x]\n";
    for (int i = 1; i < 12; ++i) {
        const std::string before = "*a" + std::to_string(i - 1);
        yaml += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
        for (int j = 0; j < 20; ++j) yaml += ", " + before;
        yaml += "]\n";
    }
    EXPECT_THAT(error_of({}, yaml), HasSubstr("1 MiB when all aliases"));
}

class SettingsFileOnDisk : public ::testing::Test {
  protected:
    SettingsFileOnDisk() {
        std::string pattern = ::testing::TempDir() + "settings-XXXXXX";
        directory_ = mkdtemp(pattern.data());
    }
    ~SettingsFileOnDisk() override {
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }

    std::string write(std::string_view text) {
        const std::string path = directory_ / "bus.yaml";
        std::ofstream(path, std::ios::binary) << text;
        return path;
    }

    std::string error_of_file(const std::string& path) {
        std::vector<std::string> warnings;
        try {
            static_cast<void>(Settings::load({{"EVENT_BUS_CONFIG", path}}, warnings));
        } catch (const SettingsError& error) {
            return error.what();
        }
        return "no error";
    }

    std::filesystem::path directory_;
};

TEST_F(SettingsFileOnDisk, IsReadBelowTheEnvironment) {
    const std::string path =
        write("EVENT_BUS_TOPIC_PREFIX: file\nEVENT_BUS_EMBEDDED_PARTITIONS: 3\nodd: 1\n");
    std::vector<std::string> warnings;
    const Settings settings =
        Settings::load({{"EVENT_BUS_CONFIG", path}, {"EVENT_BUS_TOPIC_PREFIX", "env"}}, warnings);
    EXPECT_EQ(settings.get(setting::TOPIC_PREFIX), "env");
    EXPECT_EQ(settings.get(setting::EMBEDDED_PARTITIONS), 3);
    EXPECT_EQ(settings.get(setting::CONFIG), path);
    EXPECT_THAT(warnings, ElementsAre(HasSubstr(path + ":3:1")));
}

TEST_F(SettingsFileOnDisk, MustBeARegularFileOfBoundedSize) {
    EXPECT_THAT(error_of_file(directory_ / "missing.yaml"),
                AllOf(HasSubstr("missing.yaml"), HasSubstr("not there")));
    EXPECT_THAT(error_of_file(directory_), HasSubstr("no regular file"));
    EXPECT_THAT(error_of_file("/dev/zero"), HasSubstr("no regular file"));
    EXPECT_THAT(error_of_file(write("#" + std::string(1 << 20, ' '))), HasSubstr("larger than 1 MiB"));
    EXPECT_EQ(error_of_file(write("#" + std::string((1 << 20) - 1, ' '))), "no error");
}

TEST_F(SettingsFileOnDisk, IsNotNamedByAFileOrByCode) {
    EXPECT_THAT(error_of_file(write("EVENT_BUS_CONFIG: other.yaml")), HasSubstr("environment only"));
    EXPECT_THROW(static_cast<void>(Settings().with({{"EVENT_BUS_CONFIG", "other.yaml"}})), SettingsError);
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

TEST(Settings, PasswordsInUrlsAreHiddenWhereverTheyStand) {
    const std::vector<std::pair<std::string, std::string>> urls{
        {"redis://host:6379/0", "redis://host:6379/0"},
        {"redis://me@host:6379", "redis://me@host:6379"},
        {"redis://:pw@host", "redis://:********@host"},
        {"redis://me:p/w?x#y@z@host/1", "redis://me:********@host/1"},
        {"rediss://host/0?password=pw&db=1&Password=pw",
         "rediss://host/0?password=********&db=1&Password=********"},
        {"unix://me:pw@/run/redis.sock", "unix://me:********@/run/redis.sock"},
        {"redis+sentinel://me:pw@one:1,two:2/main?sentinel_password=pw&db=1",
         "redis+sentinel://me:********@one:1,two:2/main?sentinel_password=********&db=1"},
        {"rediss+sentinel://one:1,two:2/main?ssl_password=pw",
         "rediss+sentinel://one:1,two:2/main?ssl_password=********"},
        {"redis://host:6379/0?password=p@ss", "redis://********"},
        {"redis://me:p?password=w@host", "redis://********"},
    };
    for (const auto& [url, hidden] : urls) {
        const Settings settings = load({{"EVENT_BUS_REDIS_CONNECTION_URL", url}});
        EXPECT_EQ(settings.get(setting::REDIS_CONNECTION_URL), url);
        const auto views = settings.view();
        const auto view = std::find_if(views.begin(), views.end(), [](const SettingView& v) {
            return v.declaration == &setting::REDIS_CONNECTION_URL;
        });
        ASSERT_NE(view, views.end());
        EXPECT_EQ(view->value, hidden);
    }
}

TEST(Settings, ErrorsHideSecrets) {
    EXPECT_THAT(error_of({{"EVENT_BUS_KAFKA_API_SECRET", "hush\n"}}),
                AllOf(HasSubstr("********"), testing::Not(HasSubstr("hush"))));
    EXPECT_THAT(error_of({{"EVENT_BUS_REDIS_CONNECTION_URL", "http://me:hush@host"}}),
                AllOf(HasSubstr("http://me:********@host"), testing::Not(HasSubstr("hush"))));
    EXPECT_THAT(error_of({}, "EVENT_BUS_REDIS_CONNECTION_URL: \"redis:/me:hush@host\""),
                AllOf(HasSubstr("settings.yaml:1:1"), testing::Not(HasSubstr("hush"))));
    EXPECT_THAT(warnings_of({{"EVENT_BUS_KAFKA_API_SECRT", "hush"}}),
                ElementsAre(AllOf(HasSubstr("EVENT_BUS_KAFKA_API_SECRET"), testing::Not(HasSubstr("hush")))));
}

TEST(Settings, ViewTellsWhereEachValueCameFrom) {
    const Settings settings =
        load({{"EVENT_BUS_TOPIC_PREFIX", "dev"}, {"HOME", "/h"}}, "EVENT_BUS_CONSUMER_PREFETCH: 5")
            .with({{"EVENT_BUS_LOG_LEVEL", "debug"}});
    std::map<std::string_view, SettingView> views;
    for (const SettingView& view : settings.view()) views.emplace(view.declaration->name, view);
    EXPECT_EQ(views.size(), setting::all().size());
    EXPECT_EQ(views.at("EVENT_BUS_TOPIC_PREFIX").source, SettingSource::environment);
    EXPECT_EQ(views.at("EVENT_BUS_TOPIC_PREFIX").where, "environment");
    EXPECT_EQ(views.at("EVENT_BUS_CONSUMER_PREFETCH").source, SettingSource::file);
    EXPECT_EQ(views.at("EVENT_BUS_CONSUMER_PREFETCH").where, "settings.yaml:1:1");
    EXPECT_EQ(views.at("EVENT_BUS_CONSUMER_PREFETCH").value, "5");
    EXPECT_EQ(views.at("EVENT_BUS_LOG_LEVEL").source, SettingSource::code);
    EXPECT_EQ(views.at("EVENT_BUS_EMBEDDED_PARTITIONS").source, SettingSource::fallback);
    EXPECT_EQ(views.at("EVENT_BUS_EMBEDDED_PARTITIONS").value, "8");
    EXPECT_EQ(views.at("EVENT_BUS_EMBEDDED_PATH").value, "/h/.local/state/eventbus/events.db");
    EXPECT_EQ(views.at("EVENT_BUS_PRODUCER").value, std::nullopt);
}

TEST(Settings, TheEmbeddedPathFollowsTheUsersStateDirectory) {
    EXPECT_EQ(load({{"HOME", "/home/ann"}}).get(setting::EMBEDDED_PATH),
              "/home/ann/.local/state/eventbus/events.db");
    EXPECT_EQ(load({{"HOME", "/home/ann"}, {"XDG_STATE_HOME", "/state"}}).get(setting::INBOX_PATH),
              "/state/eventbus/inbox.db");
    EXPECT_EQ(load({{"HOME", "/home/ann"}, {"XDG_STATE_HOME", "/state"}}).get(setting::EMBEDDED_PATH),
              "/state/eventbus/events.db");
    EXPECT_EQ(load({{"EVENT_BUS_EMBEDDED_PATH", "/x.db"}, {"HOME", "/h"}}).get(setting::EMBEDDED_PATH),
              "/x.db");
    EXPECT_EQ(load({{"HOME", "/h"}, {"XDG_STATE_HOME", "relative"}}).get(setting::EMBEDDED_PATH),
              "/h/.local/state/eventbus/events.db");
}

TEST(Settings, WithoutAnyPlaceForTheEmbeddedBusOnlyAskingForItIsAnError) {
    const Settings settings = load({});
    EXPECT_EQ(settings.view().size(), setting::all().size());
    EXPECT_THROW(static_cast<void>(settings.get(setting::EMBEDDED_PATH)), SettingsError);
    EXPECT_THROW(static_cast<void>(settings.get(setting::INBOX_PATH)), SettingsError);
    EXPECT_EQ(settings.with({{"EVENT_BUS_EMBEDDED_PATH", "/x.db"}}).get(setting::EMBEDDED_PATH), "/x.db");
}

TEST(Settings, WithRefusesUnknownNamesAndWrongValues) {
    EXPECT_THROW(static_cast<void>(Settings().with({{"EVENT_BUS_NONSENSE", "1"}})), SettingsError);
    EXPECT_THROW(static_cast<void>(Settings().with({{"EVENT_BUS_EMBEDDED_PARTITIONS", "x"}})), SettingsError);
}

}  // namespace
}  // namespace eventbus
