#include "eventbus/broker/kafka/property_map.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "eventbus/event/error.hpp"

namespace eventbus::kafka_topics {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

std::string complaint(const std::string& text) {
    try {
        static_cast<void>(read_properties("THE_SETTING", text));
        return {};
    } catch (const SettingsError& error) {
        return error.what();
    }
}

TEST(PropertyMapTest, NothingIsNone) {
    EXPECT_THAT(read_properties("THE_SETTING", ""), IsEmpty());
    EXPECT_THAT(read_properties("THE_SETTING", "{}"), IsEmpty());
}

TEST(PropertyMapTest, TextsNumbersAndBooleansAreTakenAsLibrdkafkaWritesThem) {
    EXPECT_THAT(
        read_properties("THE_SETTING", R"({"a": "x y", "b": 5, "c": true, "d": -1, "e": 0.5})"),
        ElementsAre(Pair("a", "x y"), Pair("b", "5"), Pair("c", "true"), Pair("d", "-1"), Pair("e", "0.5")));
}

TEST(PropertyMapTest, WhatIsNoObjectIsRefusedWithoutRepeatingIt) {
    for (const std::string text :
         {"sasl.password=s3cret", R"(["s3cret"])", R"({"sasl.password": "s3cret")", "5"})
        EXPECT_THAT(complaint(text), AllOf(HasSubstr("THE_SETTING"), Not(HasSubstr("s3cret")))) << text;
}

TEST(PropertyMapTest, AValueOfAnotherKindIsRefusedWithItsName) {
    for (const std::string value : {"null", R"(["s3cret"])", R"({"x": "s3cret"})"})
        EXPECT_THAT(complaint(R"({"linger.ms": )" + value + "}"),
                    AllOf(HasSubstr("THE_SETTING"), HasSubstr("linger.ms"), Not(HasSubstr("s3cret"))))
            << value;
}

}  // namespace
}  // namespace eventbus::kafka_topics
