#include "eventbus/command/answer.hpp"

#include <gmock/gmock.h>

namespace eventbus {
namespace {

using Verdict = Answer::Verdict;

TEST(Answer, OkOrAnEmptyLineIsSuccess) {
    for (const std::string_view line : {"ok", "", "ok\r", "\r"})
        EXPECT_EQ(read_answer(line).verdict, Verdict::ok) << line;
}

TEST(Answer, ErrorAndRejectTakeAText) {
    EXPECT_EQ(read_answer("error no such user").verdict, Verdict::error);
    EXPECT_EQ(read_answer("error no such user").text, "no such user");
    EXPECT_EQ(read_answer("error").verdict, Verdict::error);
    EXPECT_EQ(read_answer("error").text, "");
    EXPECT_EQ(read_answer("reject bad data\r").verdict, Verdict::reject);
    EXPECT_EQ(read_answer("reject bad data\r").text, "bad data");
}

TEST(Answer, AnythingElseIsUnclear) {
    for (const std::string_view line :
         {"OK", "ok then", "okay", " ok", "errors", "rejected x", "done", "{\"ok\":true}"})
        EXPECT_EQ(read_answer(line).verdict, Verdict::unclear) << line;
}

}  // namespace
}  // namespace eventbus
