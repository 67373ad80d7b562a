#include "eventbus/avro/reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bytes.hpp"
#include "eventbus/avro/writer.hpp"

namespace eventbus::avro {
namespace {

using testing::bytes;
using testing::Bytes;
using testing::error_of;
using ::testing::HasSubstr;

template <class Read>
std::string failure(const Bytes& body, Read read) {
    return error_of<DecodeError>([&] {
        Reader reader(body);
        static_cast<void>(read(reader));
    });
}

Bytes longs(std::initializer_list<std::int64_t> values) {
    Bytes out;
    Writer writer(out);
    for (const std::int64_t value : values) writer.write_long(value);
    return out;
}

constexpr auto read_long = [](Reader& reader) { return reader.read_long(); };
constexpr auto read_string = [](Reader& reader) { return reader.read_string(); };
constexpr auto read_block = [](Reader& reader) { return reader.read_block(1); };
constexpr auto read_empty_block = [](Reader& reader) { return reader.read_block(0); };

TEST(Reader, RefusesNumbersThatEndTooSoonOrAreTooLong) {
    EXPECT_THAT(failure({}, read_long), HasSubstr("offset 0"));
    EXPECT_THAT(failure(bytes({0x80}), read_long), HasSubstr("end within a number"));
    EXPECT_THAT(failure(Bytes(9, std::byte{0xFF}), read_long), HasSubstr("end within a number"));
    EXPECT_THAT(failure(Bytes(11, std::byte{0xFF}), read_long), HasSubstr("64 bits"));
    Bytes too_large(9, std::byte{0xFF});
    too_large.push_back(std::byte{0x02});
    EXPECT_THAT(failure(too_large, read_long), HasSubstr("64 bits"));
}

TEST(Reader, ReadsNumbersThatAreWrittenLongerThanNeeded) {
    const Bytes body = bytes({0x82, 0x80, 0x00});
    Reader reader(body);
    EXPECT_EQ(reader.read_long(), 1);
    EXPECT_EQ(reader.left(), 0U);
}

TEST(Reader, RefusesAnIntOfMoreThan32Bits) {
    EXPECT_THAT(failure(longs({std::int64_t{1} << 31}), [](Reader& reader) { return reader.read_int(); }),
                HasSubstr("2147483648"));
    const Bytes least = longs({INT32_MIN});
    EXPECT_EQ(Reader(least).read_int(), INT32_MIN);
}

TEST(Reader, RefusesBooleansOtherThan0And1) {
    for (const int bad : {2, 0x80, 0xFF}) {
        EXPECT_THAT(failure(bytes({bad}), [](Reader& reader) { return reader.read_boolean(); }),
                    HasSubstr("boolean"));
    }
    EXPECT_THAT(failure({}, [](Reader& reader) { return reader.read_boolean(); }),
                HasSubstr("1 bytes are needed"));
}

TEST(Reader, RefusesLengthsThatLie) {
    for (const std::int64_t length :
         {std::int64_t{1} << 62, std::int64_t{-1}, INT64_MIN, INT64_MAX, std::int64_t{1}}) {
        EXPECT_THAT(failure(longs({length}), read_string),
                    HasSubstr("a length of " + std::to_string(length)));
    }
}

TEST(Reader, RefusesStringsThatAreNotUtf8) {
    EXPECT_THAT(failure(bytes({0, 2, 0xFF}),
                        [](Reader& reader) {
                            static_cast<void>(reader.read_long());
                            return reader.read_string();
                        }),
                HasSubstr("offset 1: a string is not UTF-8"));
}

TEST(Reader, RefusesBlocksThatCannotFit) {
    EXPECT_THAT(failure(longs({std::int64_t{1} << 62}), read_block), HasSubstr("cannot fit"));
    EXPECT_THAT(failure(longs({2, 0}), read_block), HasSubstr("cannot fit"));
    EXPECT_THAT(failure(longs({INT64_MIN, 0}), read_block), HasSubstr("out of range"));
    EXPECT_THAT(failure(longs({-1, std::int64_t{1} << 62}), read_block), HasSubstr("a length of"));
    EXPECT_THAT(failure(longs({-1, -5}), read_block), HasSubstr("a length of -5"));
    EXPECT_THAT(failure(longs({-2, 1, 0, 0, 0}), read_block), HasSubstr("cannot fit in 1 bytes"));
}

TEST(Reader, ReadsBlocksWithASize) {
    const Bytes body = longs({-2, 2, 5, 6, 0});
    Reader reader(body);
    EXPECT_EQ(reader.read_block(1), 2U);
    EXPECT_EQ(reader.read_long(), 5);
    EXPECT_EQ(reader.read_long(), 6);
    EXPECT_EQ(reader.read_block(1), 0U);
    EXPECT_NO_THROW(reader.expect_end());
}

TEST(Reader, BoundsItemsThatTakeNoBytes) {
    EXPECT_THAT(failure(longs({std::int64_t{1} << 62}), read_empty_block), HasSubstr("take no bytes"));
    const auto half = static_cast<std::int64_t>(Reader::max_empty_values / 2);
    const Bytes body = longs({half, half, 1});
    Reader reader(body);
    EXPECT_EQ(reader.read_block(0), Reader::max_empty_values / 2);
    EXPECT_EQ(reader.read_block(0), Reader::max_empty_values / 2);
    EXPECT_THROW(static_cast<void>(reader.read_block(0)), DecodeError);
}

TEST(Reader, RefusesBranchesThatAreNotThere) {
    for (const std::int64_t branch : {std::int64_t{2}, std::int64_t{-1}, INT64_MAX}) {
        EXPECT_THAT(failure(longs({branch}), [](Reader& reader) { return reader.read_branch(2); }),
                    HasSubstr("union branch " + std::to_string(branch) + " of 2"));
    }
}

TEST(Reader, RefusesShortFloatsAndFixed) {
    const Bytes three(3);
    EXPECT_THAT(failure(three, [](Reader& reader) { return reader.read_float(); }),
                HasSubstr("4 bytes are needed, 3"));
    EXPECT_THAT(failure(three, [](Reader& reader) { return reader.read_double(); }),
                HasSubstr("8 bytes are needed"));
    EXPECT_THAT(failure(three, [](Reader& reader) { return reader.read_raw(SIZE_MAX); }),
                HasSubstr("are needed"));
}

TEST(Reader, TellsBytesThatAreLeftOver) {
    const Bytes body = bytes({0, 0});
    Reader reader(body);
    static_cast<void>(reader.read_long());
    EXPECT_THAT(error_of<DecodeError>([&] { reader.expect_end(); }),
                HasSubstr("offset 1: 1 bytes are left over"));
}

}  // namespace
}  // namespace eventbus::avro
