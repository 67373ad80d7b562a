#include <gmock/gmock.h>

#include "eventbus/event/error.hpp"
#include "eventbus/settings/settings.hpp"

namespace eventbus {
namespace {

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

TEST(ProducerConfig, ErrorsNameThePlace) {
    EXPECT_THAT(error_of("[]"), HasSubstr("JSON object"));
    EXPECT_THAT(error_of("{"), HasSubstr("not JSON"));
    EXPECT_THAT(error_of(R"({"a.v1": []})"), HasSubstr("in a.v1"));
    EXPECT_THAT(error_of(R"({"a.v1": {"t": 1}})"), HasSubstr("in a.v1, t"));
    EXPECT_THAT(error_of(R"({"a.v1": {"t": {"enabled": true}}})"), HasSubstr("event_key_field is missing"));
    EXPECT_THAT(error_of(R"({"a.v1": {"t": {"event_key_field": "x"}}})"), HasSubstr("enabled is missing"));
    EXPECT_THAT(error_of(R"({"a.v1": {"t": {"event_key_field": "x", "enabled": "yes"}}})"),
                HasSubstr("true or false"));
    EXPECT_THAT(error_of(R"({"a.v1": {"t": {"event_key_field": "x", "enabled": 1, "z": 2}}})"),
                HasSubstr("true or false"));
    EXPECT_THAT(error_of(R"({"a.v1": {"t": {"event_key_field": "x", "enabled": true, "z": 2}}})"),
                HasSubstr("\"z\""));
    EXPECT_THAT(error_of(std::string(100000, '[')), HasSubstr("nested"));
}

TEST(ProducerConfig, ChangesWinMemberByMember) {
    const auto base = parse_producer_config(R"({"a.v1": {"t": {"event_key_field": "x", "enabled": true}}})");
    const auto changes = parse_producer_config_changes(
        R"({"a.v1": {"t": {"enabled": false}, "u": {"event_key_field": "y", "enabled": true}}, "b.v1": {"t": {"event_key_field": "z", "enabled": true}}})");
    const auto merged = merge(base, changes);
    EXPECT_EQ(merged.at("a.v1").at("t"), (TopicProducerConfig{"x", false}));
    EXPECT_EQ(merged.at("a.v1").at("u"), (TopicProducerConfig{"y", true}));
    EXPECT_EQ(merged.at("b.v1").at("t"), (TopicProducerConfig{"z", true}));
    EXPECT_THROW(
        static_cast<void>(merge({}, parse_producer_config_changes(R"({"a.v1": {"t": {"enabled": true}}})"))),
        SettingsError);
}

}  // namespace
}  // namespace eventbus
