#include "eventbus/broker/redis/confirmed_ids.hpp"

#include "server.hpp"

namespace eventbus::redis_streams {

namespace {

class ConfirmedIdsTest : public OnServer {
  protected:
    std::vector<ConfirmedIds::Lost> find_lost() { return confirmed_.find_lost(connection()); }

    ConfirmedIds confirmed_;
};

TEST_F(ConfirmedIdsTest, WhatIsThereIsNotLost) {
    EXPECT_TRUE(find_lost().empty());
    add(1, 5);
    confirmed_.note(topic_, {3, 0});
    EXPECT_TRUE(find_lost().empty());
    confirmed_.note(topic_, {5, 0});
    confirmed_.note(topic_, {4, 0});
    EXPECT_TRUE(find_lost().empty());
}

TEST_F(ConfirmedIdsTest, WhatWasTrimmedIsNotLost) {
    add(1, 5);
    confirmed_.note(topic_, {3, 0});
    ask({"XTRIM", topic_.str(), "MAXLEN", "2"});
    EXPECT_TRUE(find_lost().empty());
    ask({"XTRIM", topic_.str(), "MAXLEN", "0"});
    EXPECT_TRUE(find_lost().empty());
}

TEST_F(ConfirmedIdsTest, AStreamThatIsGoneIsToldOnce) {
    add(1, 5);
    confirmed_.note(topic_, {5, 0});
    ask({"DEL", topic_.str()});
    const auto lost = find_lost();
    ASSERT_EQ(lost.size(), 1U);
    EXPECT_EQ(lost[0].topic, topic_);
    EXPECT_EQ(lost[0].confirmed, (Offset{5, 0}));
    EXPECT_NE(describe(lost[0]).find("the stream is gone"), std::string::npos);
    EXPECT_TRUE(find_lost().empty());
}

TEST_F(ConfirmedIdsTest, AStreamThatEndsBeforeIsLost) {
    add(1, 5);
    confirmed_.note(topic_, {7, 0});
    const auto lost = find_lost();
    ASSERT_EQ(lost.size(), 1U);
    EXPECT_NE(describe(lost[0]).find("its newest id is 5-0"), std::string::npos);
}

TEST_F(ConfirmedIdsTest, ALossIsSeenThoughOthersHaveAddedMore) {
    add(1, 5);
    add(8, 9);
    confirmed_.note(topic_, {7, 0});
    const auto lost = find_lost();
    ASSERT_EQ(lost.size(), 1U);
    EXPECT_NE(describe(lost[0]).find("other events are in its place"), std::string::npos);
}

TEST_F(ConfirmedIdsTest, EachTopicIsLookedAt) {
    add(1, 5);
    for (const char* name : {"a", "topic", "z"}) confirmed_.note(TopicName(name), {5, 0});
    EXPECT_EQ(find_lost().size(), 2U);
}

TEST_F(ConfirmedIdsTest, WhoMayNotAskCannotTell) {
    ask({"ACL", "SETUSER", "sender", "on", "nopass", "~*", "+@all", "-xinfo"});
    redis::ConnectOptions options = redis::parse_connection_url(server().url());
    options.user = "sender";
    options.password = "any";
    redis::Connection sender(options);
    confirmed_.note(topic_, {5, 0});
    EXPECT_TRUE(confirmed_.find_lost(sender).empty());
}

}  // namespace

}  // namespace eventbus::redis_streams
