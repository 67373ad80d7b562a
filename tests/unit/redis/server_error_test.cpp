#include "eventbus/redis/server_error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace eventbus::redis {

namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct Case {
    std::string reply;
    bool retriable;
    std::string code;
    std::string advice;
};

TEST(ServerErrors, EachHasItsMeaning) {
    const std::vector<Case> cases{
        {"READONLY You can't write against a read only replica.", true, "READONLY", "redis+sentinel://"},
        {"NOAUTH Authentication required.", false, "NOAUTH", "wants a password"},
        {"WRONGPASS invalid username-password pair or user is disabled.", false, "WRONGPASS", "are wrong"},
        {"NOPERM this user has no permissions to run the 'xadd' command", false, "NOPERM", "'xadd'"},
        {"LOADING Redis is loading the dataset in memory", true, "LOADING", "still loading"},
        {"WRONGTYPE Operation against a key holding the wrong kind of value", false, "WRONGTYPE",
         "EVENT_BUS_TOPIC_PREFIX"},
        {"NOGROUP No such key 's' or consumer group 'g'", false, "NOGROUP", "'g'"},
        {"MISCONF Redis is configured to save RDB snapshots, but it's currently unable", true, "MISCONF",
         "cannot save"},
        {"MASTERDOWN Link with MASTER is down", true, "MASTERDOWN", "lost its master"},
        {"NOREPLICAS Not enough good replicas to write.", true, "NOREPLICAS", "min-replicas-to-write"},
        {"BUSY Redis is busy running a script.", true, "BUSY", "script"},
        {"CLUSTERDOWN The cluster is down", true, "CLUSTERDOWN", "Cluster"},
        {"MOVED 3999 127.0.0.1:6381", false, "MOVED", "not supported"},
        {"CROSSSLOT Keys in request don't hash to the same slot", false, "CROSSSLOT", "not supported"},
        {"DENIED Redis is running in protected mode", false, "DENIED", "protected mode"},
        {"ERR max number of clients reached", true, "ERR", "maxclients"},
        {"ERR unknown command 'XAUTOCLAIM', with args beginning with: 'hush'", false, "ERR", "Redis 7.0"},
        {"ERR DB index is out of range", false, "ERR", "no database of this number"},
        {"BUSYGROUP Consumer Group name already exists", false, "BUSYGROUP", "already exists"},
        {"ERR syntax error", false, "ERR", "syntax error"},
        {"", false, "", ""},
    };
    for (const Case& one : cases) {
        try {
            throw_server_error("cannot do it", one.reply);
        } catch (const ServerError& error) {
            EXPECT_EQ(error.retriable(), one.retriable) << one.reply;
            EXPECT_EQ(error.code(), one.code);
            EXPECT_THAT(error.what(),
                        AllOf(StartsWith("cannot do it: "), HasSubstr(one.advice), Not(HasSubstr("hush"))));
            EXPECT_THAT(error.what(), HasSubstr(one.reply.substr(0, one.reply.find(", with"))));
        }
    }
}

TEST(ServerErrors, NoMemoryIsNoRoom) {
    try {
        throw_server_error("cannot store", "OOM command not allowed when used memory > 'maxmemory'.");
    } catch (const StorageFull& error) {
        EXPECT_TRUE(error.retriable());
        EXPECT_THAT(error.what(), AllOf(HasSubstr("maxmemory"), HasSubstr("EVENT_BUS_REDIS_STREAM_MAX_LEN")));
    }
}

TEST(ServerErrors, WhatTheServerSaysIsBounded) {
    try {
        throw_server_error("cannot do it", "ERR \x1b[31m\n" + std::string(100'000, 'x'));
    } catch (const ServerError& error) {
        EXPECT_LT(std::string(error.what()).size(), 400U);
        EXPECT_THAT(error.what(), HasSubstr("ERR ?[31m?xxx"));
    }
}

TEST(ServerErrors, SomeCallForAnotherConnection) {
    EXPECT_TRUE(calls_for_reconnection("READONLY You can't write against a read only replica."));
    EXPECT_TRUE(calls_for_reconnection("NOAUTH Authentication required."));
    EXPECT_TRUE(calls_for_reconnection("MASTERDOWN Link with MASTER is down"));
    EXPECT_FALSE(calls_for_reconnection("OOM command not allowed"));
    EXPECT_FALSE(calls_for_reconnection("LOADING Redis is loading"));
}

}  // namespace

}  // namespace eventbus::redis
