#include "eventbus/command/log_lines.hpp"

#include <gmock/gmock.h>

namespace eventbus {
namespace {

using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;

TEST(LogLine, HasTimeLevelAndText) {
    EXPECT_EQ(log_line(LogLevel::warning, parse_iso8601("2026-01-31T12:00:00.5Z"), "text", false),
              "2026-01-31T12:00:00.500000+00:00 warning text\n");
}

TEST(LogLine, ColoursTheLevel) {
    EXPECT_EQ(log_line(LogLevel::error, parse_iso8601("2026-01-31T12:00:00Z"), "text", true),
              "2026-01-31T12:00:00+00:00 \x1b[31merror\x1b[0m text\n");
}

TEST(LogToStderr, LeavesOutWhatIsLessSeriousThanTheSetting) {
    const LogSink log = log_to_stderr(Settings().with({{"EVENT_BUS_LOG_LEVEL", "warning"}}));
    CaptureStderr();
    log(LogLevel::info, "low");
    log(LogLevel::warning, "high");
    log(LogLevel::error, "higher");
    const std::string text = GetCapturedStderr();
    EXPECT_EQ(text.find("low"), std::string::npos) << text;
    EXPECT_NE(text.find("warning high\n"), std::string::npos) << text;
    EXPECT_NE(text.find("error higher\n"), std::string::npos) << text;
}

TEST(Report, NamesTheProgram) {
    CaptureStderr();
    report("eventbus", LogLevel::error, "what, where, what to do");
    EXPECT_EQ(GetCapturedStderr(), "eventbus: error: what, where, what to do\n");
}

}  // namespace
}  // namespace eventbus
