#include "eventbus/command/reachability.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "eventbus/event/error.hpp"

namespace eventbus {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Optional;

TEST(Reachability, ReadsAddresses) {
    EXPECT_THAT(parse_addresses("a:1, b ,SASL_SSL://c.example:65535,", 9092),
                ElementsAre(HostAndPort{"a", 1}, HostAndPort{"b", 9092}, HostAndPort{"c.example", 65535}));
    EXPECT_THAT(parse_addresses("[::1]:7,[::2]", 9092),
                ElementsAre(HostAndPort{"::1", 7}, HostAndPort{"::2", 9092}));
    EXPECT_THAT(parse_addresses("", 9092), IsEmpty());
}

TEST(Reachability, RefusesWhatIsNoAddress) {
    for (const char* const text : {"a:", "a:0", "a:65536", "a:b", ":1", "[::1", "x://"})
        EXPECT_THROW(static_cast<void>(parse_addresses(text, 9092)), InvalidValue) << text;
}

TEST(Reachability, TellsANameThatIsNotKnown) {
    EXPECT_THAT(complaint_of_name("no.such.host.invalid"), Optional(HasSubstr("no.such.host.invalid")));
    EXPECT_EQ(complaint_of_name("127.0.0.1"), std::nullopt);
}

TEST(Reachability, TellsAPortThatNobodyListensOn) {
    EXPECT_THAT(complaint_of_address({"127.0.0.1", 1}, std::chrono::seconds(2)),
                Optional(HasSubstr("port 1 of 127.0.0.1")));
    EXPECT_THAT(complaint_of_address({"no.such.host.invalid", 1}, std::chrono::seconds(2)),
                Optional(HasSubstr("not known")));
}

}  // namespace
}  // namespace eventbus
