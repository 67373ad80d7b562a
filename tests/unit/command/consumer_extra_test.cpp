#include "eventbus/command/consumer_extra.hpp"

#include <gmock/gmock.h>

#include "eventbus/command/exit_code.hpp"

namespace eventbus {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

ConsumeOptions applied(std::string_view json) {
    ConsumeOptions options;
    parse_consumer_extra(json).apply(options);
    return options;
}

std::string complaint(std::string_view json) {
    try {
        static_cast<void>(parse_consumer_extra(json));
    } catch (const CommandError& error) {
        EXPECT_EQ(error.code(), ExitCode::usage);
        return error.what();
    }
    return "nothing";
}

TEST(ConsumerExtra, LeavesTheStartToTheSettings) {
    for (const std::string_view json : {"{}", R"({"check_backlog": false})", R"({"check_backlog": null})"}) {
        const ConsumeOptions options = applied(json);
        EXPECT_FALSE(options.start.has_value()) << json;
        EXPECT_FALSE(options.reset.has_value()) << json;
        EXPECT_TRUE(options.member.empty()) << json;
    }
}

TEST(ConsumerExtra, CheckBacklogStartsANewGroupAtTheEarliestEvent) {
    const ConsumeOptions options = applied(R"({"check_backlog": true})");
    EXPECT_EQ(options.start, StartAt(Earliest{}));
    EXPECT_FALSE(options.reset.has_value());
}

TEST(ConsumerExtra, OffsetTimeMovesTheGroup) {
    EXPECT_EQ(applied(R"({"offset_time": "2023-01-01T00:00:00Z"})").reset,
              StartAt(AtTime{parse_iso8601("2023-01-01T00:00:00Z")}));
}

TEST(ConsumerExtra, LastReadMessageMovesTheGroupBehindIt) {
    EXPECT_EQ(applied(R"({"last_read_msg_id": "1679676448892-0"})").reset,
              StartAt(AfterId{"1679676448892-0"}));
}

TEST(ConsumerExtra, NamesTheMember) {
    EXPECT_EQ(applied(R"({"consumer_name": "ann", "claim_msgs_older_than": 100})").member, "ann");
}

TEST(ConsumerExtra, RefusesAnUnknownMemberAndNamesTheKnown) {
    EXPECT_THAT(complaint(R"({"check_backlogs": true})"),
                AllOf(HasSubstr("--extra: unknown member \"check_backlogs\""), HasSubstr("check_backlog,"),
                      HasSubstr("offset_time")));
}

TEST(ConsumerExtra, RefusesWrongValues) {
    EXPECT_THAT(complaint(R"({"check_backlog": "yes"})"), HasSubstr("check_backlog must be true or false"));
    EXPECT_THAT(complaint(R"({"offset_time": "tomorrow"})"), HasSubstr("offset_time must be a time"));
    EXPECT_THAT(complaint(R"({"offset_time": 5})"), HasSubstr("offset_time must be a time"));
    EXPECT_THAT(complaint(R"({"consumer_name": ""})"), HasSubstr("consumer_name must be a text"));
    EXPECT_THAT(complaint(R"({"last_read_msg_id": 7})"), HasSubstr("last_read_msg_id must be a text"));
    EXPECT_THAT(complaint(R"({"claim_msgs_older_than": -1})"), HasSubstr("claim_msgs_older_than must be"));
    EXPECT_THAT(complaint(R"({"claim_msgs_older_than": 1.5})"), HasSubstr("claim_msgs_older_than must be"));
}

TEST(ConsumerExtra, RefusesWhatIsNoObject) {
    for (const std::string_view json : {"", "x", "[]", "5", "{", R"({"a": 1} b)"})
        EXPECT_THAT(complaint(json), HasSubstr("must be a JSON object")) << json;
}

TEST(ConsumerExtra, RefusesTwoPlacesToStartFrom) {
    EXPECT_THAT(complaint(R"({"offset_time": "2023-01-01", "last_read_msg_id": "5"})"),
                HasSubstr("give one of them"));
}

}  // namespace
}  // namespace eventbus
