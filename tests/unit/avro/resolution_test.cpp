#include "eventbus/avro/resolution.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bytes.hpp"
#include "eventbus/avro/json_view.hpp"

namespace eventbus::avro {
namespace {

using ::testing::AllOf;
using testing::bytes;
using testing::Bytes;
using ::testing::ElementsAre;
using testing::error_of;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::schema;

/// The value as the reader sees it.
std::string resolved(const std::string& writer_json, const std::string& reader_json,
                     const std::string& value) {
    const auto writer = schema(writer_json);
    const auto reader = schema(reader_json);
    Bytes body;
    append_avro(body, writer->root(), value);
    Bytes translated;
    Resolution(writer, reader).translate(body, translated);
    std::string text;
    append_json(text, reader->root(), translated);
    return text;
}

std::string refusal(const std::string& writer, const std::string& reader) {
    return error_of<DecodeError>([&] { Resolution(schema(writer), schema(reader)); });
}

bool same(const std::string& writer, const std::string& reader) {
    return Resolution(schema(writer), schema(reader)).is_identity();
}

std::string record_of(const std::string& fields) {
    return R"({"type": "record", "name": "R", "fields": [)" + fields + "]}";
}
std::string field(const std::string& name, const std::string& type, const std::string& rest = "") {
    return R"({"name": ")" + name + R"(", "type": )" + type + (rest.empty() ? "" : ", " + rest) + "}";
}
const std::string int_type = R"("int")";
const std::string string_type = R"("string")";

TEST(Resolution, Promotes) {
    EXPECT_EQ(resolved(R"("int")", R"("long")", "-5"), "-5");
    EXPECT_EQ(resolved(R"("int")", R"("float")", "3"), "3.0");
    EXPECT_EQ(resolved(R"("int")", R"("double")", "3"), "3.0");
    EXPECT_EQ(resolved(R"("long")", R"("float")", "16777217"), "16777216.0");
    EXPECT_EQ(resolved(R"("long")", R"("double")", "9007199254740993"), "9007199254740992.0");
    EXPECT_EQ(resolved(R"("float")", R"("double")", "0.5"), "0.5");
    EXPECT_EQ(resolved(R"("string")", R"("bytes")", R"("é")"), R"("w6k=")");
    EXPECT_EQ(resolved(R"("bytes")", R"("string")", R"("w6k=")"), R"("é")");
    EXPECT_THROW(resolved(R"("bytes")", R"("string")", R"("/w==")"), Error);
}

TEST(Resolution, RefusesEveryOtherPairOfPrimitives) {
    const std::vector<std::string> names{"null",  "boolean", "int",   "long",
                                         "float", "double",  "bytes", "string"};
    const std::vector<std::string> allowed{"int long",    "int float",    "int double",   "long float",
                                           "long double", "float double", "string bytes", "bytes string"};
    for (const std::string& writer : names) {
        for (const std::string& reader : names) {
            const bool expected =
                writer == reader || std::count(allowed.begin(), allowed.end(), writer + " " + reader) != 0;
            const auto problems =
                incompatibilities(schema('"' + writer + '"')->root(), schema('"' + reader + '"')->root());
            EXPECT_EQ(problems.empty(), expected) << writer << " to " << reader;
        }
    }
}

TEST(Resolution, MatchesFieldsByNameInAnyOrder) {
    const std::string writer =
        record_of(field("a", int_type) + "," + field("b", string_type) + "," + field("c", int_type));
    const std::string value = R"({"a": 1, "b": "x", "c": 3})";
    EXPECT_EQ(resolved(writer, record_of(field("c", int_type) + "," + field("a", int_type)), value),
              R"({"c":3,"a":1})");
    EXPECT_EQ(resolved(writer, record_of(field("a", int_type) + "," + field("c", int_type)), value),
              R"({"a":1,"c":3})");
    EXPECT_EQ(resolved(writer, record_of(""), value), "{}");
}

TEST(Resolution, TakesDefaultsForWhatTheWriterDoesNotHave) {
    const std::string reader =
        record_of(field("new", R"(["null", "string"])", R"("default": null)") + "," + field("a", int_type) +
                  "," + field("list", R"({"type": "array", "items": "int"})", R"("default": [1])"));
    EXPECT_EQ(resolved(record_of(field("a", int_type)), reader, R"({"a": 5})"),
              R"({"new":null,"a":5,"list":[1]})");
    EXPECT_THAT(refusal(record_of(""), record_of(field("a", int_type))),
                HasSubstr("a: the writer does not have the field"));
}

TEST(Resolution, MatchesFieldsAndTypesByAlias) {
    const std::string writer = record_of(field("old", int_type));
    EXPECT_EQ(resolved(writer, record_of(field("new", int_type, R"("aliases": ["old"])")), R"({"old": 5})"),
              R"({"new":5})");
    const std::string renamed =
        R"({"type": "record", "name": "S", "aliases": ["R"], "fields": [{"name": "old", "type": "int"}]})";
    EXPECT_EQ(resolved(writer, renamed, R"({"old": 5})"), R"({"old":5})");
    EXPECT_THAT(refusal(renamed, writer), HasSubstr("cannot be read as R"));
}

TEST(Resolution, PrefersAFieldsNameToAnAlias) {
    const std::string writer = record_of(field("a", int_type) + "," + field("b", int_type));
    const std::string reader = record_of(field("b", int_type, R"("aliases": ["a"])") + "," +
                                         field("c", int_type, R"("aliases": ["b", "a"])"));
    EXPECT_EQ(resolved(writer, reader, R"({"a": 1, "b": 2})"), R"({"b":2,"c":1})");
}

TEST(Resolution, MatchesNamesWithoutNamespaces) {
    const std::string writer = R"({"type": "fixed", "name": "a.F", "size": 2})";
    EXPECT_EQ(resolved(writer, R"({"type": "fixed", "name": "b.F", "size": 2})", R"("AAA=")"), R"("AAA=")");
    EXPECT_THAT(refusal(writer, R"({"type": "fixed", "name": "a.F", "size": 3})"),
                HasSubstr("cannot be read"));
    EXPECT_THAT(refusal(writer, R"({"type": "fixed", "name": "a.G", "size": 2})"),
                HasSubstr("cannot be read"));
}

TEST(Resolution, MapsEnumsBySymbol) {
    const std::string writer = R"({"type": "enum", "name": "E", "symbols": ["A", "B", "C"]})";
    const std::string with_default =
        R"({"type": "enum", "name": "E", "symbols": ["X", "B", "A"], "default": "X"})";
    EXPECT_EQ(resolved(writer, with_default, R"("A")"), R"("A")");
    EXPECT_EQ(resolved(writer, with_default, R"("C")"), R"("X")");
    const std::string without = R"({"type": "enum", "name": "E", "symbols": ["B", "A"]})";
    EXPECT_EQ(resolved(writer, without, R"("B")"), R"("B")");
    EXPECT_THROW(resolved(writer, without, R"("C")"), DecodeError);
    EXPECT_THAT(incompatibilities(schema(writer)->root(), schema(without)->root()),
                ElementsAre(HasSubstr("no symbol C")));
}

TEST(Resolution, ResolvesUnions) {
    EXPECT_EQ(resolved(R"("int")", R"(["null", "long"])", "5"), "5");
    EXPECT_EQ(resolved(R"(["null", "int"])", R"(["long", "null"])", "5"), "5");
    EXPECT_EQ(resolved(R"(["null", "int"])", R"(["long", "null"])", "null"), "null");
    EXPECT_EQ(resolved(R"(["null", "int"])", R"("long")", "5"), "5");
    EXPECT_THROW(resolved(R"(["null", "int"])", R"("long")", "null"), DecodeError);
    EXPECT_THAT(incompatibilities(schema(R"(["null", "int"])")->root(), schema(R"("long")")->root()),
                ElementsAre(HasSubstr("null cannot be read as long")));
    EXPECT_THAT(refusal(R"(["null", "int"])", R"("string")"),
                AllOf(HasSubstr("null cannot"), HasSubstr("int cannot")));
    EXPECT_THAT(refusal(R"("boolean")", R"(["null", "long"])"), HasSubstr("no branch of the reader's union"));
}

TEST(Resolution, PrefersTheExactBranch) {
    const auto writer = schema(R"("bytes")");
    const auto reader = schema(R"(["string", "bytes"])");
    Bytes out;
    Resolution(writer, reader).translate(bytes({2, 0xFF}), out);
    EXPECT_EQ(out, bytes({2, 2, 0xFF}));
    const std::string records = R"([{"type": "record", "name": "a.R", "fields": []},
        {"type": "record", "name": "b.R", "fields": [{"name": "x", "type": "int"}]}])";
    EXPECT_EQ(resolved(R"({"type": "record", "name": "b.R", "fields": [{"name": "x", "type": "int"}]})",
                       records, R"({"x": 1})"),
              R"({"x":1})");
}

TEST(Resolution, ResolvesContainersAndRecursiveTypes) {
    EXPECT_EQ(
        resolved(R"({"type": "array", "items": "int"})", R"({"type": "array", "items": "double"})", "[1, 2]"),
        "[1.0,2.0]");
    EXPECT_EQ(resolved(R"({"type": "map", "values": "int"})", R"({"type": "map", "values": ["null", "int"]})",
                       R"({"a": 1})"),
              R"({"a":1})");
    EXPECT_THAT(refusal(R"({"type": "array", "items": "int"})", R"({"type": "map", "values": "int"})"),
                HasSubstr("cannot be read as map"));
    EXPECT_THAT(refusal(record_of(field("a", R"({"type": "array", "items": "int"})")),
                        record_of(field("a", R"({"type": "array", "items": "string"})"))),
                HasSubstr("a[]: the writer's int cannot be read as string"));
    const std::string list = record_of(field("value", int_type) + "," + field("next", R"(["null", "R"])"));
    const std::string wider =
        record_of(field("next", R"(["null", "R"])") + "," + field("value", R"("long")") + "," +
                  field("mark", string_type, R"("default": "m")"));
    EXPECT_EQ(resolved(list, wider, R"({"value": 1, "next": {"value": 2, "next": null}})"),
              R"({"next":{"next":null,"value":2,"mark":"m"},"value":1,"mark":"m"})");
    EXPECT_THAT(
        refusal(list, record_of(field("next", R"(["null", "R"])") + "," + field("value", string_type))),
        HasSubstr("value: "));
}

TEST(Resolution, KnowsWhatIsEncodedTheSame) {
    const std::string plain = record_of(field("a", int_type) + "," + field("next", R"(["null", "R"])"));
    EXPECT_TRUE(same(plain, plain));
    EXPECT_TRUE(same(
        plain,
        R"({"type": "record", "name": "n.R", "doc": "Words.", "fields": [{"name": "a", "type": "long", "default": 1},
        {"name": "next", "type": ["null", "R", "string"], "default": null}]})"));
    EXPECT_TRUE(same(R"("string")", R"("bytes")"));
    EXPECT_FALSE(same(R"("bytes")", R"("string")"));
    EXPECT_FALSE(same(R"("int")", R"(["int"])"));
    EXPECT_FALSE(same(plain, record_of(field("a", int_type))));
    EXPECT_FALSE(same(plain, record_of(field("next", R"(["null", "R"])") + "," + field("a", int_type))));
    EXPECT_FALSE(same(plain, record_of(field("a", int_type) + "," + field("next", R"(["null", "R"])") + "," +
                                       field("n", R"("null")", R"("default": null)"))));
    EXPECT_FALSE(same(R"(["null", "int"])", R"(["int", "null"])"));
    const std::string e = R"({"type": "enum", "name": "E", "symbols": ["A"]})";
    EXPECT_TRUE(same(e, R"({"type": "enum", "name": "E", "symbols": ["A", "B"]})"));
    EXPECT_FALSE(same(e, R"({"type": "enum", "name": "E", "symbols": ["B", "A"]})"));
    EXPECT_THAT(incompatibilities(schema(plain)->root(), schema(plain)->root()), IsEmpty());
}

TEST(Resolution, RefusesHostileBodiesAndLeavesTheOutputAlone) {
    const auto list = schema(record_of(field("value", int_type) + "," + field("next", R"(["null", "R"])")));
    const auto wider =
        schema(record_of(field("next", R"(["null", "R"])") + "," + field("value", R"("double")")));
    const Resolution resolution(list, wider);
    Bytes out = bytes({9});
    Bytes deep;
    for (int i = 0; i < 1'000'000; ++i) deep.insert(deep.end(), {std::byte{2}, std::byte{2}});
    EXPECT_THROW(resolution.translate(deep, out), DecodeError);
    EXPECT_THROW(resolution.translate(bytes({2, 0, 0}), out), DecodeError);
    EXPECT_THROW(resolution.translate({}, out), DecodeError);
    EXPECT_EQ(out, bytes({9}));
}

TEST(Resolution, BoundsWhatDefaultsAdd) {
    const auto writer = schema(
        R"({"type": "array", "items": {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]}})");
    const auto reader = schema(
        R"({"type": "array", "items": {"type": "record", "name": "R", "fields": [{"name": "b", "type": "string", "default": ")" +
        std::string(500'000, 'x') + R"("}]}})");
    Bytes body = bytes({0x90, 0x4E});
    body.resize(body.size() + 5000);
    body.push_back(std::byte{0});
    Bytes out;
    EXPECT_THAT(error_of<DecodeError>([&] { Resolution(writer, reader).translate(body, out); }),
                HasSubstr("too large"));
}

}  // namespace
}  // namespace eventbus::avro
