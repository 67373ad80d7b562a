#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "bytes.hpp"
#include "eventbus/avro/json_view.hpp"
#include "eventbus/avro/reader.hpp"
#include "eventbus/avro/writer.hpp"

namespace eventbus::avro {
namespace {

using testing::bytes;
using testing::Bytes;
using testing::error_of;
using ::testing::HasSubstr;
using testing::schema;

std::string shown(const std::string& json_schema, const Bytes& body) {
    std::string out;
    append_json(out, schema(json_schema)->root(), body);
    return out;
}

std::string refusal(const std::string& json_schema, const Bytes& body) {
    return error_of<DecodeError>([&] { static_cast<void>(shown(json_schema, body)); });
}

Bytes encoded(double value) {
    Bytes out;
    Writer(out).write_double(value);
    return out;
}

TEST(AppendJson, ShowsEveryType) {
    EXPECT_EQ(shown(R"("null")", {}), "null");
    EXPECT_EQ(shown(R"("boolean")", bytes({1})), "true");
    EXPECT_EQ(shown(R"("int")", bytes({3})), "-2");
    EXPECT_EQ(shown(R"("bytes")", bytes({6, 0, 0xFB, 0xFF})), R"("APv/")");
    EXPECT_EQ(shown(R"({"type": "fixed", "name": "F", "size": 1})", bytes({0})), R"("AA==")");
    EXPECT_EQ(shown(R"({"type": "enum", "name": "E", "symbols": ["A", "B"]})", bytes({2})), R"("B")");
    EXPECT_EQ(shown(R"({"type": "array", "items": "int"})", bytes({4, 2, 4, 0})), "[1,2]");
    EXPECT_EQ(shown(R"({"type": "array", "items": "null"})", bytes({4, 0})), "[null,null]");
    EXPECT_EQ(shown(R"({"type": "map", "values": "int"})", bytes({4, 2, 'a', 2, 2, 'b', 4, 0})),
              R"({"a":1,"b":2})");
    EXPECT_EQ(shown(R"(["null", "int"])", bytes({2, 8})), "4");
    EXPECT_EQ(shown(R"({"type": "record", "name": "R", "fields": []})", {}), "{}");
    EXPECT_EQ(
        shown(
            R"({"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}, {"name": "b", "type": "string"}]})",
            bytes({2, 2, 'x'})),
        R"({"a":1,"b":"x"})");
}

TEST(AppendJson, ShowsLongsInFull) {
    Bytes body;
    Writer(body).write_long(std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(shown(R"("long")", body), "-9223372036854775808");
}

TEST(AppendJson, ShowsDoublesSoThatTheyReadBack) {
    EXPECT_EQ(shown(R"("double")", encoded(0.1)), "0.1");
    EXPECT_EQ(shown(R"("double")", encoded(5.0)), "5.0");
    EXPECT_EQ(shown(R"("double")", encoded(-0.0)), "-0.0");
    EXPECT_EQ(shown(R"("double")", encoded(1e300)), "1e+300");
    EXPECT_EQ(shown(R"("double")", encoded(std::numeric_limits<double>::quiet_NaN())), R"("NaN")");
    EXPECT_EQ(shown(R"("double")", encoded(-std::numeric_limits<double>::infinity())), R"("-Infinity")");
    Bytes body;
    Writer(body).write_float(0.1F);
    EXPECT_EQ(shown(R"("float")", body), "0.10000000149011612");
}

TEST(AppendJson, EscapesStrings) {
    Bytes body;
    Writer(body).write_string(std::string("\"\\/\b\f\n\r\t\x01\x1F\x7F\0é", 14));
    EXPECT_EQ(shown(R"("string")", body), "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7F\\u0000\xC3\xA9\"");
}

TEST(AppendJson, KeepsTheLastOfEntriesWithTheSameKey) {
    const std::string map = R"({"type": "map", "values": "int"})";
    EXPECT_EQ(shown(map, bytes({6, 2, 'a', 2, 2, 'b', 4, 2, 'a', 6, 0})), R"({"b":2,"a":3})");
    EXPECT_EQ(shown(map, bytes({6, 2, 'a', 2, 2, 'a', 4, 2, 'a', 6, 0})), R"({"a":3})");
    EXPECT_EQ(shown(map, bytes({4, 2, 'b', 2, 2, 'a', 4, 0})), R"({"b":1,"a":2})");
    EXPECT_EQ(shown(map, bytes({6, 2, 'b', 2, 2, 'b', 4, 2, 'a', 6, 0})), R"({"b":2,"a":3})");
}

TEST(AppendJson, LeavesTheTextAloneWhenItThrows) {
    std::string out = "before";
    const auto document = schema(R"({"type": "array", "items": "string"})");
    EXPECT_THROW(append_json(out, document->root(), bytes({4, 2, 'a', 2, 0xFF})), DecodeError);
    EXPECT_THROW(append_json(out, document->root(), bytes({0, 0})), DecodeError);
    EXPECT_EQ(out, "before");
}

TEST(AppendJson, BoundsNesting) {
    const std::string list =
        R"({"type": "record", "name": "L", "fields": [{"name": "next", "type": ["null", "L"]}]})";
    Bytes body(127, std::byte{2});
    body.push_back(std::byte{0});
    EXPECT_NO_THROW(shown(list, body));
    body.insert(body.begin(), std::byte{2});
    EXPECT_THAT(refusal(list, body), HasSubstr("nested deeper than 128"));
    EXPECT_THAT(refusal(list, Bytes(1'000'000, std::byte{2})), HasSubstr("nested deeper"));
}

TEST(AppendJson, BoundsValuesThatTakeNoBytes) {
    std::string types = R"({"type": "record", "name": "R0", "fields": []})";
    for (int i = 1; i < 60; ++i) {
        const std::string inner = R"("R)" + std::to_string(i - 1) + R"(")";
        types += R"(, {"type": "record", "name": "R)" + std::to_string(i) +
                 R"(", "fields": [{"name": "a", "type": )" + inner + R"(}, {"name": "b", "type": )" + inner +
                 "}]}";
    }
    EXPECT_THAT(refusal("[" + types + "]", bytes({118})), HasSubstr("take no bytes"));
    Bytes body;
    Writer(body).write_long(std::int64_t{1} << 62);
    EXPECT_THAT(refusal(R"({"type": "array", "items": "null"})", body), HasSubstr("take no bytes"));
}

}  // namespace
}  // namespace eventbus::avro
