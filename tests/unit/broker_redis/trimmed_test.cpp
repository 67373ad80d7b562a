#include "eventbus/broker/redis/trimmed.hpp"

#include "eventbus/broker/redis/group_start.hpp"
#include "eventbus/redis/server_error.hpp"
#include "server.hpp"

namespace eventbus::redis_streams {

namespace {

class TrimmedTest : public OnServer {
  protected:
    void make(const StartAt& start = Earliest{}) {
        ASSERT_TRUE(make_group(connection(), topic_, group_, start, true));
    }
    std::uint64_t lost() { return count_trimmed_unread(connection(), topic_, group_); }
    void trim(const std::string& most) { ask({"XTRIM", topic_.str(), "MAXLEN", "=", most}); }
};

TEST_F(TrimmedTest, WithoutAStreamOrAGroupNothingIsLost) {
    EXPECT_EQ(lost(), 0U);
    add(1, 3);
    EXPECT_EQ(lost(), 0U);
}

TEST_F(TrimmedTest, WhatWasTrimmedBeforeItWasReadIsToldOnce) {
    make();
    add(1, 100);
    EXPECT_EQ(read(10).size(), 10U);
    EXPECT_EQ(lost(), 0U);
    trim("40");
    EXPECT_EQ(lost(), 50U);
    EXPECT_EQ(lost(), 0U);
    EXPECT_EQ(read(100).size(), 40U);
    EXPECT_EQ(lost(), 0U);
}

TEST_F(TrimmedTest, WhatWasReadMayBeTrimmed) {
    make();
    add(1, 100);
    read(60);
    trim("40");
    EXPECT_EQ(lost(), 0U);
    trim("30");
    EXPECT_EQ(lost(), 10U);
}

TEST_F(TrimmedTest, WhatWasTrimmedBetweenTwoReadsIsToldWhenAllIsRead) {
    make();
    add(1, 100);
    read(10);
    trim("40");
    read(20);
    EXPECT_EQ(lost(), 0U) << "it cannot be told yet";
    read(100);
    EXPECT_EQ(lost(), 50U);
    EXPECT_EQ(lost(), 0U);
}

TEST_F(TrimmedTest, WhatIsTrimmedByAddingCountsToo) {
    make();
    add(1, 10);
    for (int id = 11; id <= 20; ++id)
        ask({"XADD", topic_.str(), "MAXLEN", "=", "5", std::to_string(id) + "-0", "a", "b"});
    EXPECT_EQ(lost(), 15U);
    EXPECT_EQ(read(100).size(), 5U);
    EXPECT_EQ(lost(), 0U);
}

TEST_F(TrimmedTest, WhatIsTrimmedAboutCountsToo) {
    make();
    add(1, 1000);
    read(10);
    ask({"XTRIM", topic_.str(), "MAXLEN", "~", "300"});
    const std::int64_t left = ask({"XLEN", topic_.str()}).integer();
    ASSERT_LT(left, 990);
    EXPECT_EQ(lost(), static_cast<std::uint64_t>(990 - left));
}

TEST_F(TrimmedTest, AllMayBeTrimmed) {
    make();
    add(1, 7);
    read(2);
    trim("0");
    EXPECT_EQ(lost(), 5U);
    EXPECT_EQ(lost(), 0U);
    add(8, 9);
    EXPECT_EQ(read(10).size(), 2U);
    EXPECT_EQ(lost(), 0U);
}

// The server does not count over holes.
TEST_F(TrimmedTest, WhatIsDeletedInTheMiddleIsNotTold) {
    make();
    add(1, 10);
    read(2);
    ask({"XDEL", topic_.str(), "5-0", "7-0"});
    EXPECT_EQ(lost(), 0U);
    EXPECT_EQ(read(100).size(), 6U);
    EXPECT_EQ(lost(), 0U);
    ask({"XDEL", topic_.str(), "8-0"});
    EXPECT_EQ(lost(), 0U);
    add(11, 20);
    trim("4");
    EXPECT_EQ(lost(), 6U);
}

TEST_F(TrimmedTest, AGroupThatIsMadeLaterHasLostNothing) {
    add(1, 100);
    trim("40");
    make();
    EXPECT_EQ(lost(), 0U);
    read(10);
    trim("20");
    EXPECT_EQ(lost(), 10U);
}

TEST_F(TrimmedTest, AGroupThatStartsInTheMiddleCountsWhenItHasReadAll) {
    add(1, 100);
    make(AfterId{"50-0"});
    EXPECT_EQ(lost(), 0U);
    EXPECT_EQ(read(100).size(), 50U);
    EXPECT_EQ(lost(), 0U);
    add(101, 120);
    trim("5");
    EXPECT_EQ(lost(), 15U);
}

TEST_F(TrimmedTest, AGroupOfAnotherKindOfConsumerCountsFromTheFirstCall) {
    ask({"XGROUP", "CREATE", topic_.str(), group_.str(), "0", "MKSTREAM"});
    add(1, 20);
    trim("10");
    EXPECT_EQ(lost(), 0U) << "nobody knows";
    trim("4");
    EXPECT_EQ(lost(), 6U);
}

TEST_F(TrimmedTest, AGroupThatIsMovedHasLostNothing) {
    make();
    add(1, 100);
    read(50);
    trim("80");
    EXPECT_EQ(lost(), 0U);
    for (const StartAt& to : std::vector<StartAt>{Earliest{}, Latest{}, AfterId{"60-0"}, AfterId{"30-0"}}) {
        move_group(connection(), topic_, group_, to);
        EXPECT_EQ(lost(), 0U);
    }
    EXPECT_EQ(read(100).size(), 70U);
    EXPECT_EQ(lost(), 0U);
}

TEST_F(TrimmedTest, TheGroupStaysWhereItIs) {
    make();
    add(1, 30);
    read(10, false);
    trim("10");
    EXPECT_EQ(lost(), 10U);
    EXPECT_EQ(ask({"XPENDING", topic_.str(), group_.str()})[0].integer(), 10);
    EXPECT_EQ(read(1), std::vector<std::string>{"21-0"});
}

// Redis 7.0 forgets what a group has read since its count was last set.
TEST_F(TrimmedTest, AServerThatIsRestartedHasLostNothing) {
    make();
    add(1, 100);
    read(10);
    EXPECT_EQ(lost(), 0U);
    read(90);
    server().kill();
    server().start();
    const auto count = [&] {
        redis::Connection again(redis::parse_connection_url(server().url()));
        return count_trimmed_unread(again, topic_, group_);
    };
    EXPECT_EQ(count(), 0U);
    servers::RedisClient client(server().port());
    client({"XADD", topic_.str(), "101-0", "a", "b"});
    client({"XTRIM", topic_.str(), "MAXLEN", "=", "0"});
    EXPECT_EQ(count(), 1U);
}

TEST_F(TrimmedTest, ARestartInTheMiddleIsNoLossEither) {
    make();
    add(1, 100);
    read(10);
    EXPECT_EQ(lost(), 0U);
    read(40);
    server().kill();
    server().start();
    redis::Connection again(redis::parse_connection_url(server().url()));
    EXPECT_EQ(count_trimmed_unread(again, topic_, group_), 0U);
    servers::RedisClient client(server().port());
    const auto read_more = [&] {
        client(
            {"XREADGROUP", "GROUP", group_.str(), "consumer", "COUNT", "25", "STREAMS", topic_.str(), ">"});
    };
    read_more();
    EXPECT_EQ(count_trimmed_unread(again, topic_, group_), 0U);
    read_more();
    EXPECT_EQ(count_trimmed_unread(again, topic_, group_), 0U);
}

TEST_F(TrimmedTest, WithoutTheRightToScriptsItIsAnError) {
    make();
    ask({"ACL", "SETUSER", "reader", "on", "nopass", "~*", "+@all", "-eval"});
    redis::ConnectOptions options = redis::parse_connection_url(server().url());
    options.user = "reader";
    options.password = "any";
    redis::Connection reader(options);
    try {
        static_cast<void>(count_trimmed_unread(reader, topic_, group_));
        FAIL();
    } catch (const redis::ServerError& error) {
        EXPECT_EQ(error.code(), "NOPERM");
    }
}

}  // namespace

}  // namespace eventbus::redis_streams
