// Bodies that lie, read by the generated codecs: an error each, never a crash or memory for what is not
// there.
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <cstdint>
#include <functional>
#include <iostream>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "eventbus/avro/writer.hpp"
#include "eventbus/catalogue/analytics.hpp"
#include "eventbus/catalogue/authz.hpp"
#include "eventbus/catalogue/content_authoring.hpp"
#include "eventbus/catalogue/enterprise.hpp"
#include "eventbus/catalogue/learning.hpp"
#include "eventbus/event/error.hpp"

namespace eventbus {
namespace {

using Bytes = std::vector<std::byte>;
using ::testing::HasSubstr;

constexpr std::int64_t huge = std::int64_t{1} << 62;

template <class Visitor>
void for_each_signal(Visitor visit) {
    analytics::visit_signals(visit);
    authz::visit_signals(visit);
    content_authoring::visit_signals(visit);
    enterprise::visit_signals(visit);
    learning::visit_signals(visit);
}

Bytes written(const std::function<void(avro::Writer&)>& write) {
    Bytes bytes;
    avro::Writer writer(bytes);
    write(writer);
    return bytes;
}

template <class Data>
std::string error_of(const Signal<Data>& signal, const Bytes& bytes) {
    try {
        static_cast<void>(signal.decode(bytes));
    } catch (const DecodeError& error) {
        return error.what();
    }
    return "(nothing was thrown)";
}

Bytes enrollment() {
    const learning::CourseEnrollmentCreated data{
        .enrollment = {
            .user = {.id = 42, .is_active = true, .pii = {.username = "ada", .email = "ada@example.org"}},
            .course = {.course_key = CourseKey::parse("course-v1:edX+DemoX+2024")},
            .mode = "audit",
            .is_active = true,
            .creation_date = parse_iso8601("2021-06-09T14:12:45Z")}};
    Bytes bytes;
    learning::COURSE_ENROLLMENT_CREATED.encode(data, bytes);
    return bytes;
}

long peak_memory_kib() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

TEST(HostileBytes, EveryTruncationIsAnError) {
    const Bytes whole = enrollment();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const std::string error =
            error_of(learning::COURSE_ENROLLMENT_CREATED,
                     {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)});
        EXPECT_THAT(error, HasSubstr("Avro body, offset")) << size;
    }
    Bytes longer = whole;
    longer.push_back(std::byte{0});
    EXPECT_THAT(error_of(learning::COURSE_ENROLLMENT_CREATED, longer), HasSubstr("left over"));
}

TEST(HostileBytes, NoTypeReadsNothing) {
    for_each_signal([](const auto& signal) {
        EXPECT_THAT(error_of(signal, {}), HasSubstr("offset 0")) << signal.type().type;
    });
}

TEST(HostileBytes, LengthsThatCannotBeAreErrors) {
    for (const std::int64_t length :
         {huge, std::numeric_limits<std::int64_t>::max(), std::int64_t{-1}, std::int64_t{-huge}}) {
        const Bytes body = written([&](avro::Writer& writer) { writer.write_long(length); });
        EXPECT_THAT(error_of(analytics::TRACKING_EVENT_EMITTED, body), HasSubstr("length"));
    }
}

// USER_NOTIFICATION_REQUESTED begins with a list of users.
TEST(HostileBytes, CountsThatCannotBeAreErrors) {
    const long before = peak_memory_kib();
    for (const std::int64_t count :
         {huge, std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min(),
          std::int64_t{-huge}, std::int64_t{1'000'000}}) {
        const Bytes body = written([&](avro::Writer& writer) {
            writer.write_long(count);
            writer.write_long(2);
            writer.write_long(1);
        });
        EXPECT_THAT(error_of(learning::USER_NOTIFICATION_REQUESTED, body), HasSubstr("Avro body, offset"))
            << count;
    }
    EXPECT_LT(peak_memory_kib() - before, 10'000);
}

TEST(HostileBytes, NegativeCountsWithASizeAreBlocks) {
    const Bytes plain = written([](avro::Writer& writer) {
        writer.write_block(2);
        writer.write_long(7);
        writer.write_long(8);
        writer.write_block(0);
        for (const char* const text : {"t", "u", "a", "course-v1:a+b+c"}) writer.write_string(text);
        writer.write_block(0);
    });
    const Bytes sized = written([](avro::Writer& writer) {
        writer.write_long(-2);
        writer.write_long(2);
        writer.write_long(7);
        writer.write_long(8);
        writer.write_block(0);
        for (const char* const text : {"t", "u", "a", "course-v1:a+b+c"}) writer.write_string(text);
        writer.write_block(0);
    });
    EXPECT_EQ(learning::USER_NOTIFICATION_REQUESTED.decode(plain),
              learning::USER_NOTIFICATION_REQUESTED.decode(sized));
}

TEST(HostileBytes, TextsThatAreNoKeysTimesOrUuidsAreErrorsWithTheirPlace) {
    EXPECT_THAT(error_of(content_authoring::COURSE_CREATED,
                         written([](avro::Writer& writer) { writer.write_string("x"); })),
                ::testing::AllOf(HasSubstr("offset 0"), HasSubstr("is not a valid course key")));
    EXPECT_THAT(error_of(enterprise::ENTERPRISE_GROUP_DELETED,
                         written([](avro::Writer& writer) { writer.write_string("x"); })),
                HasSubstr("is not a UUID"));
    EXPECT_THAT(error_of(analytics::TRACKING_EVENT_EMITTED, written([](avro::Writer& writer) {
                             writer.write_string("name");
                             writer.write_string("yesterday");
                         })),
                ::testing::AllOf(HasSubstr("offset 5"), HasSubstr("is not an ISO 8601 time")));
}

TEST(HostileBytes, BooleansAndBranchesThatAreNoneAreErrors) {
    Bytes body = enrollment();
    body.back() = std::byte{4};
    EXPECT_THAT(error_of(learning::COURSE_ENROLLMENT_CREATED, body), HasSubstr("union branch 2 of 2"));
    body = enrollment();
    body[1] = std::byte{2};
    EXPECT_THAT(error_of(learning::COURSE_ENROLLMENT_CREATED, body), HasSubstr("boolean"));
}

// A list of maps whose counts are believed would take many times the memory of the body.
TEST(HostileBytes, ManyBlocksTakeNoMoreMemoryThanTheirItems) {
    Bytes body;
    avro::Writer writer(body);
    for (int i = 0; i < 100'000; ++i) {
        writer.write_block(1);
        writer.write_long(i);
    }
    writer.write_block(0);
    for (const char* const text : {"t", "u", "a", "course-v1:a+b+c"}) writer.write_string(text);
    writer.write_block(0);
    EXPECT_EQ(learning::USER_NOTIFICATION_REQUESTED.decode(body).notification_data.user_ids.size(), 100'000U);
}

TEST(HostileBytes, RandomBytesAndChangedBytesNeverBreakACodec) {
    const unsigned seed = std::random_device{}();
    std::cout << "seed " << seed << std::endl;
    std::mt19937 random(seed);
    const Bytes whole = enrollment();
    for_each_signal([&](const auto& signal) {
        for (int i = 0; i < 300; ++i) {
            Bytes body(random() % 64);
            for (std::byte& byte : body) byte = static_cast<std::byte>(random() % (i % 2 == 0 ? 256 : 24));
            static_cast<void>(error_of(signal, body));
        }
    });
    for (int i = 0; i < 20'000; ++i) {
        Bytes body = whole;
        for (auto changes = random() % 3 + 1; changes > 0; --changes)
            body[random() % body.size()] = static_cast<std::byte>(random());
        static_cast<void>(error_of(learning::COURSE_ENROLLMENT_CREATED, body));
    }
}

}  // namespace
}  // namespace eventbus
