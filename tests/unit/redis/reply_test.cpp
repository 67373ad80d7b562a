#include "eventbus/redis/reply.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "eventbus/event/error.hpp"

namespace eventbus::redis {

namespace {

using testing::HasSubstr;

constexpr std::size_t most_bytes = 1'000;

/// The reply for a person, as JSON nearly.
std::string text_of(const ReplyView& reply) {
    switch (reply.kind()) {
        case ReplyKind::nil:
            return "nil";
        case ReplyKind::integer:
            return std::to_string(reply.integer());
        case ReplyKind::status:
            return "+" + std::string(reply.text());
        case ReplyKind::error:
            return "-" + std::string(reply.text());
        case ReplyKind::text:
            return "'" + std::string(reply.text()) + "'";
        case ReplyKind::array:
            break;
    }
    std::string out = "[";
    for (std::size_t i = 0; i < reply.size(); ++i) out += (i > 0 ? " " : "") + text_of(reply[i]);
    return out + "]";
}

std::vector<std::string> read(std::string_view bytes, std::size_t piece) {
    ReplyReader reader(most_bytes);
    std::vector<std::string> replies;
    while (!bytes.empty()) {
        const std::string_view next = bytes.substr(0, piece);
        bytes.remove_prefix(next.size());
        reader.feed(next);
        while (const Reply* reply = reader.next()) replies.push_back(text_of(reply->view()));
    }
    return replies;
}

TEST(Replies, AreTheSameHoweverTheirBytesAreCut) {
    const std::string bytes =
        "+OK\r\n-ERR no\r\n:-7\r\n$-1\r\n*-1\r\n$0\r\n\r\n*0\r\n$4\r\na\r\nb\r\n"
        "*2\r\n*3\r\n:1\r\n$1\r\nx\r\n*1\r\n$-1\r\n*0\r\n*1\r\n+end\r\n";
    const std::vector<std::string> expected{
        "+OK", "-ERR no", "-7", "nil", "nil", "''", "[]", "'a\r\nb'", "[[1 'x' [nil]] []]", "[+end]"};
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece)
        EXPECT_EQ(read(bytes, piece), expected) << piece;
}

TEST(Replies, ViewsWalkAndRefuseWhatIsNotThere) {
    ReplyReader reader(most_bytes);
    reader.feed(std::string_view("*5\r\n$4\r\nname\r\n*2\r\n:1\r\n:2\r\n$3\r\nage\r\n:5\r\n$3\r\nodd\r\n"));
    const Reply* reply = reader.next();
    ASSERT_NE(reply, nullptr);
    const ReplyView view = reply->view();
    EXPECT_EQ(view.size(), 5U);
    EXPECT_EQ(view.first().next().next().text(), "age");
    EXPECT_EQ(view.value("name")[1].integer(), 2);
    EXPECT_EQ(view.value("age").integer(), 5);
    EXPECT_FALSE(view.has("odd"));
    EXPECT_THROW(static_cast<void>(view.value("odd")), DecodeError);
    EXPECT_THROW(static_cast<void>(view[5]), DecodeError);
    EXPECT_THROW(static_cast<void>(view.text()), DecodeError);
    EXPECT_THROW(static_cast<void>(view.integer()), DecodeError);
    EXPECT_THROW(static_cast<void>(view[0][0]), DecodeError);
    EXPECT_EQ(view[3].size(), 0U);
}

TEST(Replies, BytesThatAreNoneAreRefused) {
    for (const char* bytes :
         {"HTTP/1.1 400 Bad Request\r\n", "\x15\x03\x01\x00\x02", "*x\r\n", "$x\r\n", ":x\r\n", ":\r\n",
          "*-2\r\n", "$-2\r\n", "*99999999999\r\n", "$99999999999999999999\r\n", "*1\r\nx", "\r\n",
          "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n"})
        EXPECT_THROW(read(bytes, 1'000), DecodeError) << bytes;
}

TEST(Replies, OneThatIsTooLargeIsRefused) {
    ReplyReader reader(most_bytes);
    reader.feed(std::string_view("$1000000\r\n"));
    EXPECT_EQ(reader.next(), nullptr);
    EXPECT_THROW(reader.feed(std::string(most_bytes, 'x')), DecodeError);
    const std::string many = [] {
        std::string bytes;
        for (int i = 0; i < 1'000; ++i) bytes += ":1\r\n";
        return bytes;
    }();
    EXPECT_EQ(read(many, 100).size(), 1'000U);
}

TEST(Replies, ALineWithoutAnEndIsRefused) {
    ReplyReader reader(std::size_t{1} << 30);
    const std::string piece(50'000, 'x');
    reader.feed(std::string_view("+"));
    reader.feed(piece);
    EXPECT_EQ(reader.next(), nullptr);
    reader.feed(piece);
    EXPECT_THROW(static_cast<void>(reader.next()), DecodeError);
    ReplyReader other(std::size_t{1} << 30);
    other.feed(std::string_view("$"));
    other.feed(std::string(70'000, '0'));
    EXPECT_THROW(static_cast<void>(other.next()), DecodeError);
}

TEST(Replies, OneOfTooManyPartsIsRefused) {
    ReplyReader reader(std::size_t{1} << 30);
    reader.feed(std::string_view("*2000000000\r\n"));
    std::string piece;
    for (int i = 0; i < 100'000; ++i) piece += "+\r\n";
    try {
        for (int i = 0; i < 100; ++i) {
            reader.feed(piece);
            ASSERT_EQ(reader.next(), nullptr);
        }
        FAIL() << "no error";
    } catch (const DecodeError& error) {
        EXPECT_THAT(error.what(), HasSubstr("too many parts"));
    }
}

TEST(Replies, AReaderStartsAfresh) {
    ReplyReader reader(most_bytes);
    reader.feed(std::string_view("*3\r\n:1\r\n$5\r\nab"));
    EXPECT_EQ(reader.next(), nullptr);
    reader.reset();
    reader.feed(std::string_view(":7\r\n"));
    const Reply* reply = reader.next();
    ASSERT_NE(reply, nullptr);
    EXPECT_EQ(reply->view().integer(), 7);
}

}  // namespace

}  // namespace eventbus::redis
