#include <gmock/gmock.h>

#include "eventbus/event/error.hpp"
#include "eventbus/settings/settings.hpp"

namespace eventbus {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string error_of(std::string_view json) {
    try {
        static_cast<void>(parse_producer_config(json));
    } catch (const SettingsError& error) {
        return error.what();
    }
    return "no error";
}

TEST(ProducerConfig, IsReadFromJson) {
    const auto config =
        parse_producer_config(R"({"a.b.v1": {"t": {"event_key_field": "user.id", "enabled": true}}})");
    EXPECT_EQ(config.at("a.b.v1").at("t"), (TopicProducerConfig{"user.id", true}));
}

TEST(ProducerConfig, IsReadFromYamlMappings) {
    std::vector<std::string> warnings;
    const std::string_view yaml =
        "EVENT_BUS_PRODUCER_CONFIG:\n"
        "  a.b.v1:\n"
        "    t: {event_key_field: user.id, enabled: false}\n"
        "    u: {event_key_field: \"true\", enabled: True}\n";
    const auto config = Settings::load({}, "s.yaml", yaml, warnings).get(setting::PRODUCER_CONFIG);
    EXPECT_EQ(config.at("a.b.v1").at("t"), (TopicProducerConfig{"user.id", false}));
    EXPECT_EQ(config.at("a.b.v1").at("u"), (TopicProducerConfig{"true", true}));
}

TEST(ProducerConfig, IsReadFromJsonTextInYaml) {
    std::vector<std::string> warnings;
    const std::string_view yaml =
        "EVENT_BUS_PRODUCER_CONFIG: '{\"a.v1\": {\"t\": {\"event_key_field\": \"x\", \"enabled\": true}}}'\n";
    EXPECT_EQ(Settings::load({}, "s.yaml", yaml, warnings).get(setting::PRODUCER_CONFIG),
              (ProducerConfig{{"a.v1", {{"t", {"x", true}}}}}));
}

// The expected values are what Python's usual YAML reader gives.
TEST(ProducerConfig, PlainYamlWordsAreWhatPythonTakesThemFor) {
    const auto error_of_yaml = [](const std::string& members) -> std::string {
        std::vector<std::string> warnings;
        const std::string yaml = "EVENT_BUS_PRODUCER_CONFIG: {a.v1: {t: {" + members + "}}}";
        try {
            const auto config = Settings::load({}, "s.yaml", yaml, warnings).get(setting::PRODUCER_CONFIG);
            return config.at("a.v1").at("t").enabled ? "enabled" : "disabled";
        } catch (const SettingsError& error) {
            return error.what();
        }
    };
    EXPECT_EQ(error_of_yaml("event_key_field: x, enabled: yes"), "enabled");
    EXPECT_EQ(error_of_yaml("event_key_field: x, enabled: Off"), "disabled");
    EXPECT_THAT(error_of_yaml("event_key_field: x, enabled: \"true\""), HasSubstr("not string"));
    EXPECT_THAT(error_of_yaml("event_key_field: x, enabled: 1"), HasSubstr("not number"));
    EXPECT_THAT(error_of_yaml("event_key_field: 1.5, enabled: true"), HasSubstr("not number"));
    EXPECT_THAT(error_of_yaml("event_key_field: true, enabled: true"), HasSubstr("not boolean"));
    EXPECT_THAT(error_of_yaml("event_key_field: ~, enabled: true"), HasSubstr("event_key_field is missing"));
}

TEST(ProducerConfig, YamlAliasesStandForWhatTheyName) {
    std::vector<std::string> warnings;
    const std::string_view yaml =
        "EVENT_BUS_PRODUCER_CONFIG:\n"
        "  a.v1: &usual {t: {event_key_field: x, enabled: true}}\n"
        "  b.v1: *usual\n";
    const auto config = Settings::load({}, "s.yaml", yaml, warnings).get(setting::PRODUCER_CONFIG);
    EXPECT_EQ(config.at("b.v1"), config.at("a.v1"));
    EXPECT_EQ(config.at("b.v1").at("t"), (TopicProducerConfig{"x", true}));
}

TEST(ProducerConfig, ErrorsNameThePlace) {
    EXPECT_THAT(error_of("[]"), HasSubstr("JSON object"));
    EXPECT_THAT(error_of("{"), HasSubstr("no JSON at byte 2"));
    EXPECT_THAT(error_of(R"({"a.v1": []})"), HasSubstr(R"(in "a.v1": must be an object)"));
    EXPECT_THAT(error_of(R"({"a.v1": {"t": 1}})"), HasSubstr(R"(in "a.v1", "t": must be an object)"));
    EXPECT_THAT(error_of(R"({"a.v1": {"t": {"enabled": true}}})"),
                HasSubstr(R"(in "a.v1", "t": event_key_field is missing)"));
    EXPECT_THAT(error_of(R"({"a.v1": {"t": {"event_key_field": "x"}}})"), HasSubstr("enabled is missing"));
    EXPECT_THAT(error_of(R"({"a.v1": {"t": {"event_key_field": "x", "enabled": null}}})"),
                HasSubstr("enabled is missing"));
    EXPECT_THAT(error_of(R"({"a.v1": {"t": {"event_key_field": "x", "enabled": "yes"}}})"),
                HasSubstr("true or false, not string"));
    EXPECT_THAT(error_of(R"({"a.v1": {"t": {"event_key_field": "x", "enabled": 1}}})"),
                HasSubstr("true or false, not number"));
    EXPECT_THAT(error_of(R"({"a.v1": {"t": {"event_key_field": 1, "enabled": true}}})"),
                HasSubstr("must be text, not number"));
    EXPECT_THAT(error_of(R"({"a.v1": {"t": {"event_key_field": "x", "enabled": true, "z": 2}}})"),
                HasSubstr("unknown member \"z\""));
    EXPECT_THAT(error_of(R"({"a.v1": {"a topic": {"event_key_field": "x", "enabled": true}}})"),
                AllOf(HasSubstr(R"(in "a.v1", "a topic")"), HasSubstr("topic's name")));
}

TEST(ProducerConfig, RepeatedNamesAreRefused) {
    EXPECT_THAT(error_of(R"({"a.v1": {}, "a.v1": {}})"), HasSubstr("\"a.v1\" twice"));
    EXPECT_THAT(error_of(R"({"a.v1": {"t": {"event_key_field": "x", "enabled": true, "enabled": false}}})"),
                HasSubstr("\"enabled\" twice"));
    EXPECT_EQ(error_of(R"({"a.v1": {"t": {"event_key_field": "x", "enabled": true}}, "b.v1": {"t": )"
                       R"({"event_key_field": "x", "enabled": true}}})"),
              "no error");
}

TEST(ProducerConfig, DepthAndSizeAreBounded) {
    EXPECT_THAT(error_of(std::string(100'000, '[')), HasSubstr("nested"));
    EXPECT_THAT(error_of("{}" + std::string(1 << 20, ' ')), HasSubstr("1 MiB"));
}

TEST(ProducerConfig, ErrorsTellTheSettingAndItsPlace) {
    std::vector<std::string> warnings;
    try {
        static_cast<void>(
            Settings::load({{"EVENT_BUS_PRODUCER_CONFIG", R"({"a.v1": {"t": {}}})"}}, warnings));
        FAIL();
    } catch (const SettingsError& error) {
        EXPECT_THAT(error.what(), AllOf(HasSubstr("EVENT_BUS_PRODUCER_CONFIG"), HasSubstr("environment"),
                                        HasSubstr(R"(in "a.v1", "t")")));
    }
}

// The expected values are those of merge_producer_configs in openedx-events 11.2.0.
TEST(ProducerConfig, ChangesWinMemberByMember) {
    const ProducerConfig base{{"a.v1", {{"t", {"x", true}}}}};
    const auto merged = [&](std::string_view changes) {
        return merge(base, parse_producer_config_changes(changes));
    };
    EXPECT_EQ(merged("{}"), base);
    EXPECT_EQ(merged(R"({"a.v1": {"t": {"enabled": false}}})"),
              (ProducerConfig{{"a.v1", {{"t", {"x", false}}}}}));
    EXPECT_EQ(merged(R"({"a.v1": {"t": {"event_key_field": "y"}}})"),
              (ProducerConfig{{"a.v1", {{"t", {"y", true}}}}}));
    EXPECT_EQ(merged(R"({"a.v1": {"t": {"event_key_field": "", "enabled": null}}})"),
              (ProducerConfig{{"a.v1", {{"t", {"", true}}}}}));
    EXPECT_EQ(merged(R"({"a.v1": {"u": {"event_key_field": "y", "enabled": true}}})"),
              (ProducerConfig{{"a.v1", {{"t", {"x", true}}, {"u", {"y", true}}}}}));
    EXPECT_EQ(merged(R"({"a.v1": {}, "b.v1": {}})"),
              (ProducerConfig{{"a.v1", {{"t", {"x", true}}}}, {"b.v1", {}}}));
}

TEST(ProducerConfig, ANewTopicMustBeComplete) {
    try {
        static_cast<void>(merge({}, parse_producer_config_changes(R"({"a.v1": {"t": {"enabled": true}}})")));
        FAIL();
    } catch (const SettingsError& error) {
        EXPECT_THAT(error.what(), HasSubstr(R"(in "a.v1", "t": event_key_field is missing)"));
    }
}

}  // namespace
}  // namespace eventbus
