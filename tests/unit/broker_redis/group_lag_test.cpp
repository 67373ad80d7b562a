#include <random>

#include "eventbus/broker/redis/group_start.hpp"
#include "eventbus/broker/redis/stream_id.hpp"
#include "eventbus/broker/redis/stream_state.hpp"
#include "eventbus/event/error.hpp"
#include "server.hpp"

namespace eventbus::redis_streams {

namespace {

class GroupLagTest : public OnServer {
  protected:
    GroupLagTest() { make_group(connection(), topic_, group_, Earliest{}, true); }

    std::uint64_t lag() { return group_lag(connection(), topic_, group_); }
    void trim(const std::string& most) { ask({"XTRIM", topic_.str(), "MAXLEN", "=", most}); }
    std::string last_delivered() {
        return ask({"XINFO", "GROUPS", topic_.str()})[0].value("last-delivered-id").text;
    }
    /// Entries that are stored, and unread or pending.
    std::uint64_t counted() {
        const std::string last = last_delivered();
        std::uint64_t count = ask({"XRANGE", topic_.str(), "(" + last, "+"}).elements.size();
        for (const servers::RedisReply& pending :
             ask({"XPENDING", topic_.str(), group_.str(), "-", last, "100000"}).elements)
            count += ask({"XRANGE", topic_.str(), pending[0].text, pending[0].text}).elements.size();
        return count;
    }
};

TEST_F(GroupLagTest, CountsWhatIsUnreadAndWhatIsPending) {
    EXPECT_EQ(lag(), 0U);
    add(1, 10);
    EXPECT_EQ(lag(), 10U);
    read(4, false);
    EXPECT_EQ(lag(), 10U);
    ask({"XACK", topic_.str(), group_.str(), "2-0"});
    EXPECT_EQ(lag(), 9U);
    read(100);
    EXPECT_EQ(lag(), 3U);
}

TEST_F(GroupLagTest, WhatIsTrimmedIsNotWaitedFor) {
    add(1, 100);
    read(20, false);
    trim("90");
    EXPECT_EQ(lag(), 90U) << "ten of those pending are gone";
    trim("50");
    EXPECT_EQ(lag(), 50U) << "all those pending are gone, and thirty that were not read";
    trim("0");
    EXPECT_EQ(lag(), 0U);
    add(101, 103);
    EXPECT_EQ(lag(), 3U);
}

TEST_F(GroupLagTest, HolesAreNotCounted) {
    add(1, 20);
    read(5);
    ask({"XDEL", topic_.str(), "9-0", "10-0", "20-0"});
    EXPECT_EQ(lag(), 12U);
}

TEST_F(GroupLagTest, MoreThanOneChunk) {
    add(1, 2'500);
    read(3);
    EXPECT_EQ(lag(), 2'497U);
    read(1'400, false);
    EXPECT_EQ(lag(), 2'497U);
}

TEST_F(GroupLagTest, WithoutTheRightToScriptsItIsTheSame) {
    add(1, 450);
    read(3);
    ask({"ACL", "SETUSER", "reader", "on", "nopass", "~*", "+@all", "-eval_ro"});
    redis::ConnectOptions options = redis::parse_connection_url(server().url());
    options.user = "reader";
    options.password = "any";
    redis::Connection reader(options);
    EXPECT_EQ(group_lag(reader, topic_, group_), 447U);
}

TEST_F(GroupLagTest, OfWhatIsNotThereItIsNothing) {
    EXPECT_EQ(group_lag(connection(), topic_, GroupName("other")), 0U);
    EXPECT_EQ(group_lag(connection(), TopicName("other"), group_), 0U);
}

TEST_F(GroupLagTest, IsRightWhateverHappens) {
    std::mt19937 random(7);
    const auto pick = [&](int from, int to) { return std::uniform_int_distribution<int>(from, to)(random); };
    int next = 1;
    for (int step = 0; step < 400; ++step) {
        const std::string any = std::to_string(pick(1, next)) + "-0";
        switch (pick(0, 6)) {
            case 0:
            case 1:
                add(next, next + pick(0, 20));
                next += 21;
                break;
            case 2:
                read(pick(1, 25), pick(0, 1) == 1);
                break;
            case 3:
                // One that is pending counts until it is acknowledged.
                if (stream_id_of(any) > stream_id_of(last_delivered())) ask({"XDEL", topic_.str(), any});
                break;
            case 4:
                trim(std::to_string(pick(0, 150)));
                break;
            case 5:
                ask({"XACK", topic_.str(), group_.str(), any});
                break;
            default:
                if (pick(0, 5) == 0) move_group(connection(), topic_, group_, AfterId{any});
        }
        EXPECT_EQ(lag(), counted()) << "step " << step;
    }
}

class MoveTest : public OnServer {
  protected:
    MoveTest() { make_group(connection(), topic_, group_, Earliest{}, true); }

    void move(const StartAt& to) { move_group(connection(), topic_, group_, to); }
    std::int64_t pending() { return ask({"XPENDING", topic_.str(), group_.str()})[0].integer(); }
    servers::RedisReply state() { return ask({"XINFO", "GROUPS", topic_.str()})[0]; }
};

TEST_F(MoveTest, ForwardDropsWhatIsPendingBefore) {
    add(1, 10);
    read(6, false);
    move(AfterId{"4-0"});
    EXPECT_EQ(pending(), 2);
    EXPECT_EQ(read(1), std::vector<std::string>{"5-0"});
    move(Latest{});
    EXPECT_EQ(pending(), 0);
    EXPECT_TRUE(read(1).empty());
}

TEST_F(MoveTest, ToTheEarliestReadsAllAgain) {
    add(1, 10);
    read(6, false);
    move(Earliest{});
    EXPECT_EQ(read(100).size(), 10U);
}

TEST_F(MoveTest, DropsMoreThanOneCommandCanHold) {
    add(1, 1'700);
    read(1'600, false);
    move(Latest{});
    EXPECT_EQ(pending(), 0);
}

TEST_F(MoveTest, TheServersOwnLagStaysRight) {
    add(1, 30);
    read(5);
    move(Earliest{});
    EXPECT_EQ(state().value("lag").integer(), 30);
    move(Latest{});
    EXPECT_EQ(state().value("lag").integer(), 0);
}

TEST_F(MoveTest, NoGroupStandsBehindTheNewest) {
    add(1, 3);
    for (const StartAt& to : std::vector<StartAt>{AfterId{"9999999-0"}, AtTime{now()}, AfterId{"$"}}) {
        move(to);
        EXPECT_EQ(state().value("last-delivered-id").text, "3-0");
    }
    EXPECT_THROW(move(AfterId{"yesterday"}), InvalidValue);
}

TEST_F(MoveTest, OfAStreamThatIsNotThereIsNotFound) {
    EXPECT_THROW(move_group(connection(), TopicName("missing"), group_, Latest{}), NotFound);
    EXPECT_EQ(ask({"EXISTS", "missing"}).integer(), 0);
}

TEST_F(MoveTest, MakesTheGroupWhenNeeded) {
    add(1, 3);
    const GroupName other("other");
    move_group(connection(), topic_, other, AfterId{"1-0"});
    EXPECT_EQ(group_lag(connection(), topic_, other), 2U);
}

}  // namespace

}  // namespace eventbus::redis_streams
