#include "eventbus/broker/kafka/options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "eventbus/event/error.hpp"

namespace eventbus::kafka_topics {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

KafkaOptions plain() {
    KafkaOptions options;
    options.bootstrap_servers = "127.0.0.1:1";
    options.registry.urls = {"http://127.0.0.1:1"};
    return options;
}

/// What is said against the options; empty when nothing is.
std::string complaint(KafkaOptions options) {
    try {
        static_cast<void>(Options(std::move(options)));
        return {};
    } catch (const SettingsError& error) {
        return error.what();
    }
}

TEST(KafkaOptionsTest, PlainOnesAreTaken) { EXPECT_EQ(complaint(plain()), ""); }

TEST(KafkaOptionsTest, WithoutServersTheSettingIsNamed) {
    KafkaOptions options = plain();
    options.bootstrap_servers.clear();
    EXPECT_THAT(complaint(options), HasSubstr("EVENT_BUS_KAFKA_BOOTSTRAP_SERVERS"));
}

TEST(KafkaOptionsTest, WhatBreaksAPromiseToSendersIsRefusedUnlessItIsMeant) {
    const std::vector<std::pair<std::string, std::string>> unsafe{
        {"acks", "0"}, {"acks", "1"}, {"enable.idempotence", "false"}};
    for (const auto& [name, value] : unsafe) {
        KafkaOptions options = plain();
        options.producer_properties = {{name, value}};
        EXPECT_THAT(complaint(options),
                    AllOf(HasSubstr("EVENT_BUS_KAFKA_PRODUCER_CONFIG"), HasSubstr(name), HasSubstr(value),
                          HasSubstr("EVENT_BUS_KAFKA_TAKE_UNSAFE_CONFIG")));
        options.takes_unsafe_properties = true;
        EXPECT_EQ(complaint(options), "");
    }
}

TEST(KafkaOptionsTest, AnotherNameOfAPropertyDoesNotGetAPromiseBroken) {
    KafkaOptions options = plain();
    options.producer_properties = {{"request.required.acks", "0"}};
    EXPECT_THAT(complaint(options), HasSubstr("EVENT_BUS_KAFKA_TAKE_UNSAFE_CONFIG"));
}

TEST(KafkaOptionsTest, WhatBreaksAPromiseToHandlersIsRefusedUnlessItIsMeant) {
    const std::vector<std::pair<std::string, std::string>> unsafe{{"enable.auto.commit", "true"},
                                                                  {"enable.auto.offset.store", "true"},
                                                                  {"auto.offset.reset", "latest"},
                                                                  {"allow.auto.create.topics", "true"}};
    for (const auto& [name, value] : unsafe) {
        KafkaOptions options = plain();
        options.consumer_properties = {{name, value}};
        EXPECT_THAT(complaint(options), AllOf(HasSubstr("EVENT_BUS_KAFKA_CONSUMER_CONFIG"), HasSubstr(name)));
        options.takes_unsafe_properties = true;
        EXPECT_EQ(complaint(options), "");
    }
}

TEST(KafkaOptionsTest, AnotherSpellingOfAValueIsTheSameValue) {
    KafkaOptions options = plain();
    options.producer_properties = {{"acks", "-1"}, {"enable.idempotence", "1"}};
    options.consumer_properties = {{"enable.auto.commit", "f"}, {"auto.offset.reset", "beginning"}};
    EXPECT_EQ(complaint(options), "");
    options.consumer_properties = {{"enable.auto.commit", "t"}};
    EXPECT_THAT(complaint(options), HasSubstr("enable.auto.commit"));
}

TEST(KafkaOptionsTest, APropertyThatIsNoneIsNamed) {
    KafkaOptions options = plain();
    options.consumer_properties = {{"linger.sm", "5"}};
    EXPECT_THAT(complaint(options),
                AllOf(HasSubstr("EVENT_BUS_KAFKA_CONSUMER_CONFIG"), HasSubstr("linger.sm")));
}

TEST(KafkaOptionsTest, AValueThatIsRefusedIsNotRepeatedHoweverLongItIs) {
    constexpr std::size_t longer_than_a_message = 2000;
    for (const std::size_t length : {std::size_t{6}, longer_than_a_message}) {
        KafkaOptions options = plain();
        options.producer_properties = {{"compression.type", "s3cret" + std::string(length, 'k')}};
        EXPECT_THAT(complaint(options), AllOf(HasSubstr("compression.type"), Not(HasSubstr("s3cret"))));
    }
}

TEST(KafkaOptionsTest, AKeyAndASecretLogInOverTls) {
    KafkaOptions given = plain();
    given.user = "service";
    EXPECT_EQ(Options(given).for_admin().count("sasl.username"), 0);
    given.password = "pass";
    const Options options(given);
    for (const auto& properties :
         {options.for_producer(), options.for_member("g", ""), options.for_reader(), options.for_admin()}) {
        EXPECT_EQ(properties.at("security.protocol"), "SASL_SSL");
        EXPECT_EQ(properties.at("sasl.mechanism"), "PLAIN");
        EXPECT_EQ(properties.at("sasl.username"), "service");
        EXPECT_EQ(properties.at("sasl.password"), "pass");
    }
}

TEST(KafkaOptionsTest, ConsumersOwnPropertiesWinAndSecureWhatOnlyAsks) {
    KafkaOptions given = plain();
    given.consumer_properties = {{"security.protocol", "SSL"}, {"session.timeout.ms", "7000"}};
    const Options options(given);
    EXPECT_EQ(options.for_member("g", "").at("session.timeout.ms"), "7000");
    EXPECT_EQ(options.for_admin().at("security.protocol"), "SSL");
    EXPECT_EQ(options.for_reader().at("security.protocol"), "SSL");
    EXPECT_EQ(options.for_admin().count("session.timeout.ms"), 0);
    EXPECT_EQ(options.for_member("the group", "").at("group.id"), "the group");
}

}  // namespace
}  // namespace eventbus::kafka_topics
