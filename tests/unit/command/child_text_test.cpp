#include "eventbus/command/child_text.hpp"

#include <gmock/gmock.h>

namespace eventbus {
namespace {

TEST(TailOf, JoinsLines) { EXPECT_EQ(tail_of("\none\ntwo\n\n"), "one / two"); }

TEST(TailOf, IsEmptyForNothing) {
    EXPECT_EQ(tail_of(""), "");
    EXPECT_EQ(tail_of(" \n\t"), "");
}

TEST(TailOf, ReplacesWhatMayNotStandInALogLine) {
    EXPECT_EQ(tail_of("a\x1b[31mb\xff"
                      "c\td"),
              "a?[31mb?c?d");
}

TEST(TailOf, KeepsTheEndAndCutsBetweenCharacters) {
    std::string text;
    while (text.size() < 2 * tail_size + 1) text += "é";
    const std::string tail = tail_of("x" + text);
    EXPECT_LE(tail.size(), tail_size + 3);
    EXPECT_TRUE(tail.starts_with("...é"));
    EXPECT_EQ(tail.find('?'), std::string::npos);
}

}  // namespace
}  // namespace eventbus
