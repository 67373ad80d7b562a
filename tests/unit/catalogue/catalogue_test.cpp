#include "eventbus/catalogue/catalogue.hpp"

#include <gmock/gmock.h>

#include <array>
#include <set>
#include <string>

#include "eventbus/avro/field_path.hpp"
#include "eventbus/avro/schema.hpp"
#include "eventbus/catalogue/content_authoring.hpp"
#include "eventbus/catalogue/enterprise.hpp"
#include "eventbus/catalogue/learning.hpp"
#include "eventbus/event/error.hpp"

namespace eventbus {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr EventType other_door{.type = "org.example.door.opened.v1",
                               .constant = "DOOR_OPENED",
                               .subdomain = "doors",
                               .python_path = "",
                               .description = "",
                               .schema = R"({"type": "record", "name": "A", "fields": []})",
                               .key_field = "",
                               .personal_data = {}};
constexpr EventType same_constant{.type = "org.example.gate.opened.v1",
                                  .constant = "DOOR_OPENED",
                                  .subdomain = "gates",
                                  .python_path = "",
                                  .description = "",
                                  .schema = other_door.schema,
                                  .key_field = "",
                                  .personal_data = {}};

std::string error_of(const Catalogue& catalogue, std::string_view name) {
    try {
        return "found " + std::string(catalogue.resolve(name).type);
    } catch (const InvalidValue& error) {
        return error.what();
    }
}

TEST(OpenedxCatalogue, HasAllEventsOnce) {
    const Catalogue& catalogue = openedx_catalogue();
    EXPECT_THAT(catalogue.all(), SizeIs(75));
    std::set<std::string_view> constants;
    for (const EventType* type : catalogue.all()) {
        EXPECT_EQ(catalogue.find(type->type), type);
        constants.insert(type->constant);
    }
    EXPECT_THAT(constants, SizeIs(75));
    EXPECT_EQ(catalogue.find("org.openedx.nothing.v1"), nullptr);
    EXPECT_EQ(openedx_events_version(), "11.2.0");
}

TEST(OpenedxCatalogue, SchemasParseAndKeyFieldsLeadSomewhere) {
    std::size_t with_keys = 0;
    for (const EventType* type : openedx_catalogue().all()) {
        const auto schema = avro::SchemaDocument::parse(type->schema);
        EXPECT_EQ(schema->root().full_name, std::string(type->type) + ".CloudEvent");
        if (type->key_field.empty()) continue;
        EXPECT_NO_THROW(avro::FieldPath(schema, type->key_field)) << type->type;
        ++with_keys;
    }
    EXPECT_GT(with_keys, 20U);
}

TEST(OpenedxCatalogue, OneTypeHasNoLegalNamespace) {
    for (const EventType* type : openedx_catalogue().all())
        EXPECT_EQ(avro::SchemaDocument::parse(type->schema)->has_legal_names(),
                  type != &enterprise::SUBSIDY_REDEMPTION_REVERSED.type())
            << type->type;
}

TEST(OpenedxCatalogue, PersonalDataIsMarked) {
    EXPECT_THAT(learning::STUDENT_REGISTRATION_COMPLETED.type().personal_data,
                ::testing::ElementsAre("user.id", "user.pii.username", "user.pii.email", "user.pii.name"));
    EXPECT_THAT(content_authoring::COURSE_CERTIFICATE_CONFIG_CHANGED.type().personal_data,
                Contains("certificate_config.signatories[].image"));
    EXPECT_TRUE(content_authoring::COURSE_CREATED.type().personal_data.empty());
}

TEST(Catalogue, FindsByEveryName) {
    const EventType* type = &learning::STUDENT_REGISTRATION_COMPLETED.type();
    for (const std::string_view name :
         {"org.openedx.learning.student.registration.completed.v1", "STUDENT_REGISTRATION_COMPLETED",
          "learning.STUDENT_REGISTRATION_COMPLETED",
          "openedx_events.learning.signals.STUDENT_REGISTRATION_COMPLETED"})
        EXPECT_EQ(&openedx_catalogue().resolve(name), type) << name;
}

TEST(Catalogue, NamesTheNearest) {
    EXPECT_THAT(error_of(openedx_catalogue(), "STUDENT_REGISTRATION_COMPLETE"),
                AllOf(HasSubstr("\"STUDENT_REGISTRATION_COMPLETE\""),
                      HasSubstr("did you mean STUDENT_REGISTRATION_COMPLETED?")));
    EXPECT_THAT(error_of(openedx_catalogue(), "org.openedx.learning.student.registration.completed"),
                HasSubstr("did you mean org.openedx.learning.student.registration.completed.v1?"));
    EXPECT_THAT(error_of(openedx_catalogue(), "course_created"), HasSubstr("did you mean COURSE_CREATED?"));
    EXPECT_THAT(error_of(openedx_catalogue(), "openedx_events.learning.signals.COURSE_ENROLMENT_CREATED"),
                HasSubstr("did you mean openedx_events.learning.signals.COURSE_ENROLLMENT_CREATED?"));
    EXPECT_THAT(error_of(openedx_catalogue(), "nothing like it"), HasSubstr("catalogue list"));
    EXPECT_THAT(error_of(openedx_catalogue(), ""), HasSubstr("there is no event \"\""));
    EXPECT_THAT(error_of(Catalogue{}, "COURSE_CREATED"), HasSubstr("there is no event"));
    EXPECT_THAT(error_of(openedx_catalogue(), std::string(100'000, 'x')), SizeIs(::testing::Le(300U)));
}

TEST(Catalogue, IsAValueToAddTo) {
    Catalogue mine = openedx_catalogue();
    mine.add(std::array{&other_door});
    EXPECT_THAT(mine.all(), SizeIs(76));
    EXPECT_EQ(&mine.resolve("doors.DOOR_OPENED"), &other_door);
    EXPECT_THAT(openedx_catalogue().all(), SizeIs(75));
    // A type without a Python path is not found by an empty one.
    EXPECT_THAT(error_of(mine, ""), HasSubstr("there is no event"));
}

TEST(Catalogue, TakesATypeAgainButNotWithAnotherSchema) {
    Catalogue mine;
    mine.add(std::array{&other_door});
    mine.add(std::array{&other_door});
    EXPECT_THAT(mine.all(), SizeIs(1));
    static constexpr EventType conflicting = [] {
        EventType type = other_door;
        type.schema = R"({"type": "record", "name": "B", "fields": []})";
        return type;
    }();
    try {
        mine.add(std::array{&conflicting});
        FAIL();
    } catch (const InvalidValue& error) {
        EXPECT_THAT(error.what(),
                    AllOf(HasSubstr("org.example.door.opened.v1"), HasSubstr("another schema")));
    }
    EXPECT_EQ(mine.find(other_door.type), &other_door);
}

TEST(Catalogue, SaysWhenANameCanBeTwoEvents) {
    Catalogue mine;
    mine.add(std::array{&other_door, &same_constant});
    EXPECT_THAT(error_of(mine, "DOOR_OPENED"),
                AllOf(HasSubstr("org.example.door.opened.v1"), HasSubstr("org.example.gate.opened.v1")));
    EXPECT_EQ(&mine.resolve("gates.DOOR_OPENED"), &same_constant);
}

}  // namespace
}  // namespace eventbus
