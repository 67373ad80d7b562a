#include "eventbus/avro/writer.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <utility>

#include "bytes.hpp"
#include "eventbus/avro/reader.hpp"

namespace eventbus::avro {
namespace {

using testing::bytes;
using testing::Bytes;

template <class Write>
Bytes written(Write write) {
    Bytes out;
    Writer writer(out);
    write(writer);
    return out;
}

TEST(Writer, WritesTheNumbersOfTheSpecification) {
    const std::vector<std::pair<std::int64_t, Bytes>> cases{
        {0, bytes({0})},
        {-1, bytes({1})},
        {1, bytes({2})},
        {-2, bytes({3})},
        {2, bytes({4})},
        {-64, bytes({0x7F})},
        {64, bytes({0x80, 0x01})},
        {-65, bytes({0x81, 0x01})},
        {8191, bytes({0xFE, 0x7F})},
        {8192, bytes({0x80, 0x80, 0x01})},
        {std::numeric_limits<std::int64_t>::max(),
         bytes({0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01})},
        {std::numeric_limits<std::int64_t>::min(),
         bytes({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01})},
    };
    for (const auto& [value, expected] : cases) {
        EXPECT_EQ(written([v = value](Writer& writer) { writer.write_long(v); }), expected) << value;
    }
}

TEST(Writer, WritesFloatsLittleEndian) {
    EXPECT_EQ(written([](Writer& writer) { writer.write_float(1.5F); }), bytes({0, 0, 0xC0, 0x3F}));
    EXPECT_EQ(written([](Writer& writer) { writer.write_double(-2.0); }), bytes({0, 0, 0, 0, 0, 0, 0, 0xC0}));
}

TEST(Writer, WritesStringsWithTheirLengthInBytes) {
    EXPECT_EQ(written([](Writer& writer) { writer.write_string("foo"); }), bytes({6, 'f', 'o', 'o'}));
    EXPECT_EQ(written([](Writer& writer) { writer.write_string("\xC3\xA9"); }), bytes({4, 0xC3, 0xA9}));
    EXPECT_EQ(written([](Writer& writer) { writer.write_string(""); }), bytes({0}));
    EXPECT_EQ(written([](Writer& writer) { writer.write_bytes({}); }), bytes({0}));
}

TEST(Writer, RefusesStringsThatAreNotUtf8AndWritesNothing) {
    Bytes out = bytes({9});
    Writer writer(out);
    EXPECT_THROW(writer.write_string("\xFF"), InvalidValue);
    EXPECT_EQ(out, bytes({9}));
}

TEST(Writer, AppendsWithoutAllocatingIntoABufferThatIsLargeEnough) {
    Bytes out;
    out.reserve(1000);
    const std::byte* before = out.data();
    Writer writer(out);
    writer.write_boolean(true);
    writer.write_string(std::string(900, 'x'));
    writer.write_long(-1);
    EXPECT_EQ(out.data(), before);
    EXPECT_EQ(out.size(), 1U + 2U + 900U + 1U);
}

TEST(Writer, LongsOfEverySizeReadBack) {
    for (unsigned shift = 0; shift < 64; ++shift) {
        for (const std::int64_t offset : {-1, 0, 1}) {
            const auto value =
                static_cast<std::int64_t>((std::uint64_t{1} << shift) + static_cast<std::uint64_t>(offset));
            for (const std::int64_t signed_value :
                 {value, static_cast<std::int64_t>(~static_cast<std::uint64_t>(value))}) {
                const Bytes out = written([=](Writer& writer) { writer.write_long(signed_value); });
                Reader reader(out);
                EXPECT_EQ(reader.read_long(), signed_value);
                EXPECT_EQ(reader.left(), 0U);
            }
        }
    }
}

}  // namespace
}  // namespace eventbus::avro
