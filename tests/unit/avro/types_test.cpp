#include "eventbus/avro/types.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <limits>

#include "bytes.hpp"

namespace eventbus::avro {
namespace {

using testing::bytes;
using testing::Bytes;
using testing::error_of;
using ::testing::HasSubstr;

template <class T>
Bytes encoded(const T& value) {
    Bytes out;
    Writer writer(out);
    write(writer, value);
    return out;
}

template <class T>
T decoded(const Bytes& body) {
    Reader reader(body);
    T value = read<T>(reader);
    reader.expect_end();
    return value;
}

template <class T>
void expect_round_trip(const T& value, const Bytes& expected) {
    EXPECT_EQ(encoded(value), expected);
    EXPECT_EQ(decoded<T>(expected), value);
}

TEST(Types, ScalarsReadBack) {
    expect_round_trip(true, bytes({1}));
    expect_round_trip(std::int64_t{-1}, bytes({1}));
    expect_round_trip(std::int32_t{64}, bytes({0x80, 0x01}));
    expect_round_trip(1.5F, bytes({0, 0, 0xC0, 0x3F}));
    expect_round_trip(std::numeric_limits<double>::infinity(), bytes({0, 0, 0, 0, 0, 0, 0xF0, 0x7F}));
    expect_round_trip(std::string("a\0b", 3), bytes({6, 'a', 0, 'b'}));
    expect_round_trip(bytes({0, 0xFF}), bytes({4, 0, 0xFF}));
}

TEST(Types, TimesUuidsAndKeysAreText) {
    using namespace std::chrono;
    expect_round_trip(Timestamp(sys_days(year{2021} / 6 / 9) + hours(14)),
                      encoded(std::string("2021-06-09T14:00:00+00:00")));
    const std::string uuid = "12345678-1234-5678-1234-567812345678";
    expect_round_trip(Uuid::parse(uuid), encoded(uuid));
    const std::string course = "course-v1:edX+DemoX+2024";
    expect_round_trip(CourseKey::parse(course), encoded(course));
    const std::string usage = "block-v1:edX+DemoX+2024+type@html+block@intro";
    expect_round_trip(UsageKey::parse(usage), encoded(usage));
    const std::string library = "lib:edX:math";
    expect_round_trip(LibraryLocatorV2::parse(library), encoded(library));
}

TEST(Types, TextThatIsNoKeyTimeOrUuidIsADecodeErrorWithItsOffset) {
    const Bytes body = encoded(std::vector<std::string>{"nonsense"});
    EXPECT_THAT(error_of<DecodeError>([&] { decoded<std::vector<CourseKey>>(body); }),
                HasSubstr("offset 1: "));
    EXPECT_THAT(error_of<DecodeError>([&] { decoded<std::vector<Timestamp>>(body); }), HasSubstr("nonsense"));
    EXPECT_THROW(decoded<std::vector<Uuid>>(body), DecodeError);
}

TEST(Types, ArraysAreOneBlockAndAnyBlocksAreRead) {
    using Numbers = std::vector<std::int64_t>;
    expect_round_trip(Numbers{1, 2, 3}, bytes({6, 2, 4, 6, 0}));
    expect_round_trip(Numbers{}, bytes({0}));
    EXPECT_EQ(decoded<Numbers>(bytes({2, 2, 3, 4, 4, 6, 0})), (Numbers{1, 2, 3}));
    expect_round_trip(std::vector<bool>{true, false}, bytes({4, 1, 0, 0}));
    expect_round_trip(std::vector<Numbers>{{1}, {}}, bytes({4, 2, 2, 0, 0, 0}));
}

TEST(Types, ManyItemsThatAreNotThereCostNoMemory) {
    Bytes body;
    Writer(body).write_long(std::int64_t{1} << 40);
    EXPECT_THROW(decoded<std::vector<std::string>>(body), DecodeError);
}

TEST(Types, MapsAreInTheOrderOfTheirKeys) {
    using Map = std::map<std::string, std::int64_t>;
    expect_round_trip(Map{{"b", 1}, {"a", 2}}, bytes({4, 2, 'a', 4, 2, 'b', 2, 0}));
    expect_round_trip(Map{}, bytes({0}));
}

TEST(Types, OfEntriesWithTheSameKeyTheLastIsKept) {
    using Map = std::map<std::string, std::int64_t>;
    EXPECT_EQ(decoded<Map>(bytes({6, 2, 'a', 2, 2, 'b', 4, 2, 'a', 6, 0})), (Map{{"a", 3}, {"b", 2}}));
}

TEST(Types, OptionalsAreUnionsWithNullFirst) {
    using Optional = std::optional<std::int64_t>;
    expect_round_trip(Optional{}, bytes({0}));
    expect_round_trip(Optional{5}, bytes({2, 10}));
    EXPECT_THROW(decoded<Optional>(bytes({4})), DecodeError);
}

}  // namespace
}  // namespace eventbus::avro
