#include "eventbus/registry/subjects.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "http_double.hpp"
#include "tests/servers/schema_registry_server.hpp"

namespace eventbus {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

servers::SchemaRegistryServer& server() {
    static servers::SchemaRegistryServer one;
    return one;
}

std::string record(const std::string& fields) {
    return R"({"type":"record","name":"CloudEvent","namespace":"n","fields":[)" + fields + "]}";
}
const std::string name_only = R"({"name":"name","type":"string"})";
const std::string name_and_age = name_only + R"(,{"name":"age","type":["null","int"],"default":null})";

RegistryOptions at(const std::string& url) {
    RegistryOptions options;
    options.urls = {url};
    options.tries = 1;
    return options;
}

std::string refusal_of(SchemaRegistry& registry, const std::string& subject, const std::string& schema) {
    try {
        static_cast<void>(registry.id_of(subject, schema));
    } catch (const SchemaRefused& refused) {
        return refused.what();
    }
    return "not refused";
}

TEST(RegistrySubjects, ShowsSubjectsAndTheirVersions) {
    RegistrySubjects subjects(at(server().url()));
    const SchemaId first = subjects.add("shown", record(name_only));
    const SchemaId second = subjects.add("shown", record(name_and_age));
    EXPECT_THAT(subjects.list(), Contains("shown"));
    EXPECT_THAT(subjects.versions("shown"), ElementsAre(1, 2));
    EXPECT_EQ(subjects.version("shown", 1).id, first);
    EXPECT_EQ(subjects.version("shown", 1).schema, record(name_only));
    EXPECT_EQ(subjects.latest("shown")->version, 2);
    EXPECT_EQ(subjects.latest("shown")->id, second);
    EXPECT_EQ(subjects.find("shown", record(name_only))->version, 1);
    EXPECT_EQ(subjects.all("shown").size(), 2U);
    EXPECT_EQ(subjects.schema(second), record(name_and_age));
}

TEST(RegistrySubjects, HasNothingOfASubjectThatIsNotThere) {
    RegistrySubjects subjects(at(server().url()));
    EXPECT_THAT(subjects.versions("missing"), IsEmpty());
    EXPECT_EQ(subjects.latest("missing"), std::nullopt);
    EXPECT_EQ(subjects.find("missing", record(name_only)), std::nullopt);
    EXPECT_THROW(static_cast<void>(subjects.version("missing", 1)), NotFound);
    EXPECT_THROW(static_cast<void>(subjects.schema(SchemaId{999'999})), NotFound);
    EXPECT_TRUE(Compatibility::by_name(subjects.rule("missing")));
}

TEST(RegistrySubjects, AConflictIsARefusalWithTheRegistrysWords) {
    HttpDouble answers("HTTP/1.1 409 Conflict", R"({"error_code": 409, "message": "field a was removed"})");
    RegistrySubjects subjects(at(answers.url()));
    try {
        static_cast<void>(subjects.add("subject", record("")));
        FAIL() << "it was taken";
    } catch (const SchemaRefused& refused) {
        EXPECT_THAT(refused.what(), HasSubstr("field a was removed"));
    }
}

TEST(RegistrySubjects, TheRegistrysOwnComplaintsAreTold) {
    HttpDouble answers("HTTP/1.1 200 OK", R"({"is_compatible": false, "messages": ["old readers need a"]})");
    EXPECT_THAT(RegistrySubjects(at(answers.url())).complaints("subject", record("")),
                ElementsAre("old readers need a"));
}

TEST(SchemaRegistry, AChangeThatOldReadersCannotFollowIsRefusedWithItsFields) {
    RegistrySubjects(at(server().url())).add("changed", record(name_only));
    SchemaRegistry registry(at(server().url()));
    const std::string refusal = refusal_of(registry, "changed", record(R"({"name":"name","type":"long"})"));
    EXPECT_THAT(refusal, HasSubstr("version 1 cannot read it: name"));
    EXPECT_THAT(refusal, HasSubstr("needs a new event type"));
    EXPECT_THAT(refusal_of(registry, "changed", record(R"({"name":"age","type":"long"})")),
                HasSubstr("version 1 cannot read it: name"));
    EXPECT_EQ(RegistrySubjects(at(server().url())).versions("changed").size(), 1U) << "it is registered";
}

TEST(SchemaRegistry, AChangeThatOldReadersCanFollowIsRegistered) {
    RegistrySubjects(at(server().url())).add("grown", record(name_only));
    SchemaRegistry registry(at(server().url()));
    EXPECT_EQ(refusal_of(registry, "grown", record(name_and_age)), "not refused");
    EXPECT_EQ(RegistrySubjects(at(server().url())).versions("grown").size(), 2U);
}

TEST(SchemaRegistry, AllVersionsCountForATransitiveRule) {
    RegistrySubjects subjects(at(server().url()));
    subjects.add("long ago", record(name_and_age));
    subjects.add("long ago", record(name_only));
    const std::string text_as_age = record(name_only + R"(,{"name":"age","type":"string"})");
    SchemaRegistry registry(at(server().url()));
    EXPECT_THAT(refusal_of(registry, "long ago", text_as_age), HasSubstr("version 1 cannot read it: age"));
    RegistryOptions last_only = at(server().url());
    last_only.compatibility = *Compatibility::by_name("FORWARD");
    SchemaRegistry other(last_only);
    EXPECT_EQ(refusal_of(other, "long ago", text_as_age), "not refused");
}

TEST(SchemaRegistry, WithoutARuleTheRegistryDecides) {
    RegistrySubjects(at(server().url())).add("free", record(name_only));
    RegistryOptions free = at(server().url());
    free.compatibility = *Compatibility::by_name("NONE");
    SchemaRegistry registry(free);
    EXPECT_EQ(refusal_of(registry, "free", record(R"({"name":"name","type":"long"})")), "not refused");
}

TEST(Compatibility, KnowsTheRulesByName) {
    EXPECT_EQ(Compatibility::by_name("FULL"),
              (Compatibility{.forward = true, .backward = true, .transitive = false}));
    EXPECT_EQ(Compatibility::by_name("full"), std::nullopt);
}

TEST(Compatibility, BackwardLooksTheOtherWay) {
    const std::vector<SchemaVersion> versions{{1, record(name_only)}};
    const std::string needs_more = record(name_only + R"(,{"name":"age","type":"int"})");
    EXPECT_THAT(incompatibilities(needs_more, versions, *Compatibility::by_name("BACKWARD")),
                ElementsAre(HasSubstr("it cannot read version 1: age")));
    EXPECT_THAT(incompatibilities(needs_more, versions, *Compatibility::by_name("FORWARD")), IsEmpty());
}

}  // namespace
}  // namespace eventbus
