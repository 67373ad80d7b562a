#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "eventbus/bus/bus.hpp"
#include "eventbus/catalogue/learning.hpp"

namespace eventbus::bench {

/// An event as a real site sends it: about 200 bytes when encoded.
[[nodiscard]] learning::CourseEnrollmentCreated sample_enrollment();

/// The same of learner after learner: so many keys.
[[nodiscard]] std::vector<learning::CourseEnrollmentCreated> sample_enrollments(std::size_t learners);

/// A directory on the disk that goes with the object. EVENTBUS_BENCH_DIRECTORY says where; else the
/// system's place for temporary files.
class ScratchDirectory {
  public:
    ScratchDirectory();
    ~ScratchDirectory();
    ScratchDirectory(const ScratchDirectory&) = delete;
    ScratchDirectory& operator=(const ScratchDirectory&) = delete;
    [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

  private:
    std::filesystem::path path_;
};

/// Settings of an embedded bus in `file` that sends and consumes enrolments on the topic `enrollments`.
[[nodiscard]] Settings embedded_settings(const std::string& file, const std::string& sync);

/// The same on the Redis at this URL, without a log line for every event.
[[nodiscard]] Settings redis_settings(const std::string& url);

/// The same on the Kafka and the registry at these addresses.
[[nodiscard]] Settings kafka_settings(const std::string& brokers, const std::string& registry);

}  // namespace eventbus::bench
