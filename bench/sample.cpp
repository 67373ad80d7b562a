#include "sample.hpp"

#include <stdlib.h>

#include <chrono>
#include <cstdlib>
#include <stdexcept>

namespace eventbus::bench {

namespace {

constexpr const char* producer_config = R"({"org.openedx.learning.course.enrollment.created.v1":
    {"enrollments": {"event_key_field": "enrollment.user.pii.username", "enabled": true}}})";

// What librdkafka fetches ahead holds all that a benchmark stores: below 2.2 it waits for up to a second each
// time when that is full, and this would be all that is measured.
constexpr const char* kafka_consumer_config = R"({"queued.max.messages.kbytes": "131072"})";

}  // namespace

learning::CourseEnrollmentCreated sample_enrollment() {
    using namespace std::chrono_literals;
    const Timestamp start = std::chrono::sys_days{std::chrono::year{2026} / 1 / 15};
    return {.enrollment = {.user = {.id = 1'234'567,
                                    .is_active = true,
                                    .pii = {.username = "ada_lovelace",
                                            .email = "ada.lovelace@example.org",
                                            .name = "Ada Lovelace"}},
                           .course = {.course_key = CourseKey::parse("course-v1:edX+DemoX+2026_T1"),
                                      .display_name = "An introduction to analytical engines",
                                      .start = start,
                                      .end = start + 90 * 24h},
                           .mode = "verified",
                           .is_active = true,
                           .creation_date = start + 36h + 123456us,
                           .created_by = std::nullopt}};
}

std::vector<learning::CourseEnrollmentCreated> sample_enrollments(std::size_t learners) {
    std::vector<learning::CourseEnrollmentCreated> events(learners, sample_enrollment());
    for (std::size_t i = 0; i < learners; ++i)
        events[i].enrollment.user.pii.username = "learner" + std::to_string(i);
    return events;
}

ScratchDirectory::ScratchDirectory() {
    const char* chosen = std::getenv("EVENTBUS_BENCH_DIRECTORY");
    const std::filesystem::path base =
        chosen != nullptr ? std::filesystem::path(chosen) : std::filesystem::temp_directory_path();
    std::string name = (base / "eventbus-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
        throw std::runtime_error("cannot make a directory in " + base.string());
    path_ = name;
}

ScratchDirectory::~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

Settings embedded_settings(const std::string& file, const std::string& sync) {
    return Settings().with({{"EVENT_BUS_PRODUCER", "embedded"},
                            {"EVENT_BUS_CONSUMER", "embedded"},
                            {"EVENT_BUS_EMBEDDED_PATH", file},
                            {"EVENT_BUS_EMBEDDED_SYNC", sync},
                            {"EVENT_BUS_PRODUCER_CONFIG", producer_config}});
}

Settings redis_settings(const std::string& url) {
    return Settings().with({{"EVENT_BUS_PRODUCER", "redis"},
                            {"EVENT_BUS_CONSUMER", "redis"},
                            {"EVENT_BUS_REDIS_CONNECTION_URL", url},
                            {"EVENT_BUS_REDIS_STREAM_MAX_LEN", "1000000"},
                            {"EVENT_BUS_REDIS_AUDIT_LOGGING_ENABLED", "false"},
                            {"EVENT_BUS_PRODUCER_CONFIG", producer_config}});
}

Settings kafka_settings(const std::string& brokers, const std::string& registry) {
    return Settings().with({{"EVENT_BUS_PRODUCER", "kafka"},
                            {"EVENT_BUS_CONSUMER", "kafka"},
                            {"EVENT_BUS_KAFKA_BOOTSTRAP_SERVERS", brokers},
                            {"EVENT_BUS_KAFKA_SCHEMA_REGISTRY_URL", registry},
                            {"EVENT_BUS_KAFKA_AUDIT_LOGGING_ENABLED", "false"},
                            {"EVENT_BUS_KAFKA_CONSUMER_CONFIG", kafka_consumer_config},
                            {"EVENT_BUS_PRODUCER_CONFIG", producer_config}});
}

}  // namespace eventbus::bench
