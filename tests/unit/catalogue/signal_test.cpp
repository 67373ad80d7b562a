#include "eventbus/catalogue/signal.hpp"

#include <gmock/gmock.h>

#include <vector>

#include "eventbus/catalogue/content_authoring.hpp"
#include "eventbus/catalogue/learning.hpp"
#include "eventbus/event/error.hpp"

namespace eventbus {
namespace {

learning::CourseEnrollmentCreated enrollment() {
    return {.enrollment = {
                .user = {.id = 42, .is_active = true, .pii = {.username = "ada", .email = "ada@example.org"}},
                .course = {.course_key = CourseKey::parse("course-v1:edX+DemoX+2024")},
                .mode = "audit",
                .is_active = true,
                .creation_date = parse_iso8601("2021-06-09T14:12:45.320819Z"),
            }};
}

template <class Data>
std::vector<std::byte> encoded(const Signal<Data>& signal, const Data& data) {
    std::vector<std::byte> out;
    signal.encode(data, out);
    return out;
}

TEST(Signal, DataComesBackFromItsBytes) {
    learning::CourseEnrollmentCreated data = enrollment();
    EXPECT_EQ(learning::COURSE_ENROLLMENT_CREATED.decode(encoded(learning::COURSE_ENROLLMENT_CREATED, data)),
              data);
    data.enrollment.course.start = parse_iso8601("2024-01-01");
    data.enrollment.created_by = data.enrollment.user;
    data.enrollment.user.pii.name = "Ada Lovelace";
    EXPECT_EQ(learning::COURSE_ENROLLMENT_CREATED.decode(encoded(learning::COURSE_ENROLLMENT_CREATED, data)),
              data);
}

TEST(Signal, AbsentMembersAreTheirDefaults) {
    const auto data = learning::COURSE_ENROLLMENT_CREATED.decode(
        encoded(learning::COURSE_ENROLLMENT_CREATED, enrollment()));
    EXPECT_EQ(data.enrollment.course.display_name, "");
    EXPECT_EQ(data.enrollment.course.end, std::nullopt);
    EXPECT_EQ(data.enrollment.created_by, std::nullopt);
    const learning::CourseDiscussionsChanged discussions{
        .configuration = {.course_key = CourseKey::parse("course-v1:a+b+c"), .provider_type = "x"}};
    EXPECT_TRUE(discussions.configuration.enabled);
    EXPECT_FALSE(discussions.configuration.enable_graded_units);
    EXPECT_EQ(learning::COURSE_DISCUSSIONS_CHANGED.decode(
                  encoded(learning::COURSE_DISCUSSIONS_CHANGED, discussions)),
              discussions);
}

TEST(Signal, ASignatureIsCarriedAsTheBytesOfItsFile) {
    const content_authoring::CourseCertificateConfigChanged data{
        .certificate_config = {.certificate_type = "verified",
                               .course_key = CourseKey::parse("course-v1:a+b+c"),
                               .title = "",
                               .signatories = {{.image = {std::byte{0x89}, std::byte{'P'}},
                                                .name = "N",
                                                .organization = "O",
                                                .title = "T"}}}};
    const auto& signal = content_authoring::COURSE_CERTIFICATE_CONFIG_CHANGED;
    EXPECT_EQ(signal.decode(encoded(signal, data)), data);
    EXPECT_FALSE(signal.type().openedx_events_serializes);
}

TEST(Signal, EncodingAppends) {
    std::vector<std::byte> out{std::byte{1}};
    learning::COURSE_ENROLLMENT_CREATED.encode(enrollment(), out);
    EXPECT_EQ(out.front(), std::byte{1});
    out.erase(out.begin());
    EXPECT_EQ(learning::COURSE_ENROLLMENT_CREATED.decode(out), enrollment());
}

TEST(Signal, WhatCannotBeWrittenIsRefused) {
    std::vector<std::byte> out;
    learning::CourseEnrollmentCreated data = enrollment();
    data.enrollment.mode = "\xff";
    EXPECT_THROW(learning::COURSE_ENROLLMENT_CREATED.encode(data, out), InvalidValue);
    data = enrollment();
    data.enrollment.creation_date = Timestamp::max();
    EXPECT_THROW(learning::COURSE_ENROLLMENT_CREATED.encode(data, out), InvalidValue);
}

}  // namespace
}  // namespace eventbus
