#include <gmock/gmock.h>

#include <array>
#include <string>

#include "eventbus/event/nearest.hpp"
#include "eventbus/event/quote.hpp"
#include "eventbus/event/word_characters.hpp"

namespace eventbus {
namespace {

TEST(NearestName, IsTheOneWithTheFewestChanges) {
    constexpr std::array<std::string_view, 3> known{"string", "bytes", "datetime"};
    EXPECT_EQ(nearest_name("strng", known), "string");
    EXPECT_EQ(nearest_name("DATETIME", known), "datetime");
    EXPECT_EQ(nearest_name("byte", known), "bytes");
    EXPECT_EQ(nearest_name("CourseKey", known), "");
    EXPECT_EQ(nearest_name(std::string(100'000, 'x'), known), "");
    EXPECT_EQ(nearest_name("x", {}), "");
}

TEST(Quote, EscapesWhatCouldMisleadAndCutsWhatIsLong) {
    EXPECT_EQ(quote("plain é"), "\"plain é\"");
    EXPECT_EQ(quote("a\"b\\c"), "\"a\\\"b\\\\c\"");
    EXPECT_EQ(quote(std::string_view("\x1b[31m\n\0", 7)), "\"\\x1b[31m\\x0a\\x00\"");
    EXPECT_EQ(quote("\xff\xc3"), "\"\\xff\\xc3\"");
    EXPECT_EQ(quote(std::string(1000, 'x')), "\"" + std::string(100, 'x') + "\"... (1000 bytes)");
}

TEST(Characters, WhatIsNoTextIsFoundByItsLine) {
    EXPECT_EQ(first_line_not_text(""), std::nullopt);
    EXPECT_EQ(first_line_not_text("a: é\nb: 日\n"), std::nullopt);
    EXPECT_EQ(first_line_not_text("\xff"), 1);
    EXPECT_EQ(first_line_not_text("a\nb\nc\xc3"), 3);
    EXPECT_EQ(first_line_not_text(std::string_view("a\n\0", 3)), 2);
}

TEST(Characters, AreReadFromUtf8) {
    const auto only = [](std::string_view text) {
        std::size_t at = 0;
        const char32_t c = next_character(text, at);
        return c == invalid_character || at == text.size() ? c : 0;
    };
    EXPECT_EQ(only("a"), U'a');
    EXPECT_EQ(only("é"), U'é');
    EXPECT_EQ(only("日"), U'日');
    EXPECT_EQ(only("\xf4\x8f\xbf\xbf"), U'\U0010FFFF');
    // Overlong, surrogate, beyond the last, cut off, a continuation alone.
    for (const std::string_view text :
         {"\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe6\x97", "\x80"})
        EXPECT_EQ(only(text), invalid_character);
}

TEST(Characters, AreWordsAndDigitsAsInPython) {
    for (const char32_t c : {U'a', U'Z', U'0', U'_', U'é', U'課', U'٣', U'\U00020000'})
        EXPECT_TRUE(is_word_character(c));
    for (const char32_t c : {U' ', U'-', U'\u2028', U'€', U'\U0001F600'}) EXPECT_FALSE(is_word_character(c));
    EXPECT_TRUE(is_digit_character(U'٣'));
    EXPECT_FALSE(is_digit_character(U'½'));
}

}  // namespace
}  // namespace eventbus
