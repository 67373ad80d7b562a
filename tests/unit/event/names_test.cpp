#include "eventbus/event/names.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "eventbus/event/error.hpp"

namespace eventbus {
namespace {

using Texts = std::vector<std::string>;

TEST(TopicName, IsWhatKafkaAllows) {
    for (const std::string& name : Texts{"a", "dev-learning.events_1", "...", std::string(249, 'x')})
        EXPECT_EQ(TopicName(name).str(), name);
    for (const std::string& name :
         Texts{"", ".", "..", "a b", "a/b", "é", "a\n", std::string(1, '\0'), std::string(250, 'x')})
        EXPECT_THROW(TopicName{name}, InvalidValue) << name;
}

TEST(TopicName, GetsThePrefix) {
    EXPECT_EQ(prefixed_topic("dev", "t").str(), "dev-t");
    EXPECT_EQ(prefixed_topic("", "t").str(), "t");
    EXPECT_THROW(static_cast<void>(prefixed_topic("dev", "")), InvalidValue);
    EXPECT_THROW(static_cast<void>(prefixed_topic(std::string(248, 'x'), "t")), InvalidValue);
}

TEST(GroupName, IsPrintableText) {
    for (const std::string& name : Texts{"g", "a group of läuten", "日本"})
        EXPECT_EQ(GroupName(name).str(), name);
    for (const std::string& name : Texts{"", "a\nb", "\xff", std::string(256, 'x')})
        EXPECT_THROW(GroupName{name}, InvalidValue) << name;
}

}  // namespace
}  // namespace eventbus
