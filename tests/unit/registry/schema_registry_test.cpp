#include "eventbus/registry/schema_registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "eventbus/registry/http.hpp"
#include "http_double.hpp"
#include "tests/servers/process.hpp"
#include "tests/servers/schema_registry_server.hpp"

namespace eventbus {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

servers::SchemaRegistryServer& server() {
    static servers::SchemaRegistryServer one;
    return one;
}

std::string record(const std::string& name, const std::string& fields = "") {
    return R"({"type":"record","name":"CloudEvent","namespace":")" + name + R"(","fields":[)" + fields + "]}";
}

RegistryOptions options(std::vector<std::string> urls) {
    RegistryOptions chosen;
    chosen.urls = std::move(urls);
    chosen.tries = 1;
    return chosen;
}

SchemaRegistry registry_at(const std::string& url) { return SchemaRegistry(options({url})); }

template <class Wanted>
std::string message_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const Wanted& error) {
        return error.what();
    }
    ADD_FAILURE() << "threw nothing of the kind";
    return {};
}

TEST(SchemaRegistry, ASchemaThatIsRegisteredIsFoundByItsId) {
    SchemaRegistry ours = registry_at(server().url());
    const SchemaId id = ours.id_of("found-one.CloudEvent", record("one"));
    SchemaRegistry other = registry_at(server().url());
    EXPECT_EQ(*other.schema(id), record("one"));
    EXPECT_EQ(other.id_of("found-one.CloudEvent", record("one")), id);
    EXPECT_EQ(other.known_id(record("one")), id);
    EXPECT_EQ(other.known_id(record("another")), std::nullopt);
}

TEST(SchemaRegistry, WhatWasAskedOnceIsKnownWithoutTheRegistry) {
    servers::SchemaRegistryServer own;
    SchemaRegistry ours = registry_at(own.url());
    const SchemaId id = ours.id_of("kept", record("kept"));
    static_cast<void>(ours.schema(id));
    own.kill();
    EXPECT_EQ(ours.id_of("kept", record("kept")), id);
    EXPECT_EQ(*ours.schema(id), record("kept"));
    EXPECT_THROW(static_cast<void>(ours.id_of("new", record("new"))), BrokerError);
}

TEST(SchemaRegistry, ManyThreadsAskOnce) {
    HttpDouble answers("HTTP/1.1 200 OK", R"({"schema": "\"string\""})");
    SchemaRegistry ours = registry_at(answers.url());
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 8; ++i)
            threads.emplace_back([&] { EXPECT_EQ(*ours.schema(SchemaId{1}), R"("string")"); });
    }
    EXPECT_EQ(answers.requests(), 1);
}

TEST(SchemaRegistry, AnIdThatItDoesNotKnowIsNotFound) {
    SchemaRegistry ours = registry_at(server().url());
    EXPECT_THAT(message_of<NotFound>([&] { static_cast<void>(ours.schema(SchemaId{123456})); }),
                HasSubstr("123456"));
}

TEST(SchemaRegistry, WithoutRegisteringOnlyWhatIsThereIsTaken) {
    SchemaRegistry registers = registry_at(server().url());
    const SchemaId id = registers.id_of("there", record("there"));
    RegistryOptions chosen = options({server().url()});
    chosen.registers = false;
    SchemaRegistry looks(chosen);
    EXPECT_EQ(looks.id_of("there", record("there")), id);
    EXPECT_THAT(
        message_of<SchemaRefused>([&] { static_cast<void>(looks.id_of("missing", record("missing"))); }),
        AllOf(HasSubstr("missing"), HasSubstr("EVENT_BUS_KAFKA_AUTO_REGISTER_SCHEMAS")));
}

TEST(SchemaRegistry, ANameThatRegistriesRefuseIsRefusedBeforeTheyAreAsked) {
    HttpDouble answers("HTTP/1.1 200 OK", R"({"id": 1})");
    SchemaRegistry ours = registry_at(answers.url());
    EXPECT_THAT(message_of<SchemaRefused>([&] {
                    static_cast<void>(ours.id_of("s", record("org.openedx.redemption-reversed.v1")));
                }),
                HasSubstr("redemption-reversed"));
    EXPECT_EQ(answers.requests(), 0);
}

TEST(SchemaRegistry, OneThatTurnsUsAwayIsNotAskedAgain) {
    HttpDouble answers("HTTP/1.1 401 Unauthorized", "");
    SchemaRegistry ours = registry_at(answers.url());
    try {
        static_cast<void>(ours.schema(SchemaId{1}));
        ADD_FAILURE() << "threw nothing";
    } catch (const BrokerError& error) {
        EXPECT_FALSE(error.retriable());
        EXPECT_THAT(error.what(), HasSubstr("EVENT_BUS_KAFKA_SCHEMA_REGISTRY_API_KEY"));
    }
}

TEST(SchemaRegistry, AnAnswerThatCannotBeUnderstoodIsADecodeError) {
    for (const std::string body :
         {"<html>a proxy</html>", "{}", R"({"schema": 7})", "[]", "", "{\"schema\":"}) {
        HttpDouble answers("HTTP/1.1 200 OK", body);
        SchemaRegistry ours = registry_at(answers.url());
        EXPECT_THROW(static_cast<void>(ours.schema(SchemaId{1})), DecodeError) << body;
    }
}

TEST(SchemaRegistry, AnEndlessAnswerIsCutOff) {
    HttpDouble answers("HTTP/1.1 200 OK", std::string(std::size_t{9} << 20U, ' '));
    SchemaRegistry ours = registry_at(answers.url());
    EXPECT_THAT(message_of<BrokerError>([&] { static_cast<void>(ours.schema(SchemaId{1})); }),
                HasSubstr("8 MiB"));
}

TEST(SchemaRegistry, OneThatFailsMayBeTriedLaterAndAllHearOfItAtOnce) {
    HttpDouble answers("HTTP/1.1 503 Service Unavailable", "");
    SchemaRegistry ours = registry_at(answers.url());
    for (int i = 0; i < 2; ++i) {
        try {
            static_cast<void>(ours.schema(SchemaId{1}));
            ADD_FAILURE() << "threw nothing";
        } catch (const BrokerError& error) {
            EXPECT_TRUE(error.retriable());
            EXPECT_THAT(error.what(), HasSubstr("503"));
        }
    }
    EXPECT_EQ(answers.requests(), 1);
}

TEST(SchemaRegistry, TheNextUrlIsAskedWhenOneDoesNotAnswer) {
    const std::string nobody = "http://user:secret@127.0.0.1:" + std::to_string(servers::free_port());
    std::vector<std::string> lines;
    SchemaRegistry ours(options({nobody, server().url()}),
                        [&](LogLevel, std::string_view line) { lines.emplace_back(line); });
    static_cast<void>(ours.id_of("second", record("second")));
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_THAT(lines[0], Not(HasSubstr("secret")));
}

TEST(SchemaRegistry, LogsInWithUserAndPassword) {
    HttpDouble answers("HTTP/1.1 200 OK", R"({"schema": "\"long\""})");
    RegistryOptions chosen = options({answers.url()});
    chosen.user = "user";
    chosen.password = "secret";
    SchemaRegistry ours(chosen);
    static_cast<void>(ours.schema(SchemaId{1}));
    EXPECT_THAT(answers.last_request(), HasSubstr("Authorization: Basic dXNlcjpzZWNyZXQ="));
}

TEST(SchemaRegistry, NeedsAUrl) {
    EXPECT_THAT(message_of<SettingsError>([] { const SchemaRegistry none{RegistryOptions{}}; }),
                HasSubstr("EVENT_BUS_KAFKA_SCHEMA_REGISTRY_URL"));
}

TEST(SubjectOf, IsTheTopicAndTheNameOfTheSchema) {
    EXPECT_EQ(subject_of("dev-t", record("a.b")), "dev-t-a.b.CloudEvent");
    EXPECT_EQ(subject_of("dev-t", R"("long")"), "dev-t-long");
    EXPECT_THROW(static_cast<void>(subject_of("t", "{")), DecodeError);
}

TEST(WithoutPassword, LeavesTheRest) {
    EXPECT_EQ(registry::without_password("https://u:p@host:1/x@y"), "https://host:1/x@y");
    EXPECT_EQ(registry::without_password("https://host/x"), "https://host/x");
    EXPECT_EQ(registry::without_password("u:p@host"), "host");
}

}  // namespace
}  // namespace eventbus
