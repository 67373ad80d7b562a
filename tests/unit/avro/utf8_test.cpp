#include "eventbus/avro/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace eventbus::avro {
namespace {

TEST(Utf8, AcceptsEverySequenceLength) {
    EXPECT_TRUE(is_utf8(""));
    EXPECT_TRUE(is_utf8("plain text that is longer than a word"));
    EXPECT_TRUE(is_utf8("\xC2\x80 \xDF\xBF \xE0\xA0\x80 \xED\x9F\xBF \xEE\x80\x80 \xEF\xBF\xBF"));
    EXPECT_TRUE(is_utf8("\xF0\x90\x80\x80 \xF4\x8F\xBF\xBF"));
    EXPECT_TRUE(is_utf8(std::string(3, '\0')));
}

TEST(Utf8, RefusesWhatIsNone) {
    for (const std::string bad :
         {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xED\xBF\xBF",
          "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFE", "\xFF"}) {
        for (std::size_t before = 0; before < 20; ++before) {
            EXPECT_FALSE(is_utf8(std::string(before, 'a') + bad)) << before;
            EXPECT_FALSE(is_utf8(std::string(before, 'a') + bad + "12345678")) << before;
        }
    }
}

TEST(Utf8, RefusesSequencesThatAreCut) {
    const std::string four = "\xF0\x9F\x98\x80";
    for (std::size_t size = 1; size < 4; ++size) {
        EXPECT_FALSE(is_utf8(four.substr(0, size)));
        EXPECT_FALSE(is_utf8(four.substr(0, size) + "a"));
    }
    EXPECT_TRUE(is_utf8(four));
}

}  // namespace
}  // namespace eventbus::avro
