#include "eventbus/avro/schema.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bytes.hpp"

namespace eventbus::avro {
namespace {

using testing::bytes;
using ::testing::ElementsAre;
using testing::error_of;
using ::testing::HasSubstr;
using testing::schema;

std::string refusal(const std::string& json) {
    return error_of<DecodeError>([&] { schema(json); });
}

std::string record_of(const std::string& fields) {
    return R"({"type": "record", "name": "R", "fields": [)" + fields + "]}";
}

TEST(Schema, ReadsPrimitivesInEveryForm) {
    EXPECT_EQ(schema(R"("long")")->root().kind, Kind::long_);
    EXPECT_EQ(schema(R"({"type": "string"})")->root().kind, Kind::string);
    EXPECT_EQ(schema(R"({"type": {"type": "array", "items": {"type": "int"}}})")->root().element->kind,
              Kind::int_);
    const auto logical = schema(R"({"type": "long", "logicalType": "timestamp-micros"})");
    EXPECT_EQ(logical->root().logical_type, "timestamp-micros");
    EXPECT_EQ(schema(R"({"name": "id", "type": "long"})")->root().kind, Kind::long_);
}

TEST(Schema, GivesFullNamesByTheRules) {
    const auto document =
        schema(R"({"type": "record", "name": "Outer", "namespace": "a.b", "aliases": ["Old", "x.Older"],
        "fields": [
            {"name": "inner", "type": {"type": "record", "name": "Inner", "fields": []}},
            {"name": "again", "type": "Inner"},
            {"name": "full", "type": "a.b.Inner"},
            {"name": "other", "type": {"type": "fixed", "name": "c.Fixed", "size": 3, "namespace": "ignored"}},
            {"name": "bare", "type": {"type": "enum", "name": "Bare", "namespace": "", "symbols": ["A", "B"], "default": "B"}},
            {"name": "self", "type": ["null", "Outer"], "default": null, "doc": "Itself."}]})");
    const Schema& root = document->root();
    EXPECT_EQ(root.full_name, "a.b.Outer");
    EXPECT_THAT(root.aliases, ElementsAre("a.b.Old", "x.Older"));
    EXPECT_EQ(root.fields[0].schema->full_name, "a.b.Inner");
    EXPECT_EQ(root.fields[1].schema, root.fields[0].schema);
    EXPECT_EQ(root.fields[2].schema, root.fields[0].schema);
    EXPECT_EQ(root.fields[3].schema->full_name, "c.Fixed");
    EXPECT_EQ(root.fields[4].schema->full_name, "Bare");
    EXPECT_EQ(root.fields[4].schema->default_symbol, "B");
    EXPECT_EQ(root.fields[5].schema->branches[1], &root);
    EXPECT_EQ(root.fields[5].default_json, "null");
    EXPECT_EQ(root.fields[5].default_avro, bytes({0}));
    EXPECT_EQ(root.fields[5].doc, "Itself.");
}

TEST(Schema, KnowsTheFewestBytesOfEachType) {
    const auto size = [](const std::string& json) { return schema(json)->root().least_size; };
    EXPECT_EQ(size(R"("null")"), 0U);
    EXPECT_EQ(size(R"("double")"), 8U);
    EXPECT_EQ(size(R"(["double", "string"])"), 2U);
    EXPECT_EQ(size(record_of(R"({"name": "a", "type": "null"})")), 0U);
    EXPECT_EQ(size(record_of(R"({"name": "a", "type": "float"}, {"name": "r", "type": ["R", "long"]})")),
              4U + 2U);
    EXPECT_EQ(size(R"({"type": "fixed", "name": "F", "size": 0})"), 0U);
}

TEST(Schema, CompilesDefaults) {
    const auto document = schema(record_of(R"(
        {"name": "text", "type": "string", "default": "\u00e9"},
        {"name": "raw", "type": "bytes", "default": "\u0000\u00ff"},
        {"name": "list", "type": {"type": "array", "items": "int"}, "default": [1, 2]},
        {"name": "point", "type": {"type": "record", "name": "P", "fields": [
            {"name": "x", "type": "long"}, {"name": "y", "type": "long", "default": 7}]}, "default": {"x": 1}},
        {"name": "either", "type": ["null", "string"], "default": "a"})"));
    const auto& fields = document->root().fields;
    EXPECT_EQ(fields[0].default_avro, bytes({4, 0xC3, 0xA9}));
    EXPECT_EQ(fields[1].default_avro, bytes({4, 0, 0xFF}));
    EXPECT_EQ(fields[2].default_avro, bytes({4, 2, 4, 0}));
    EXPECT_EQ(fields[3].default_avro, bytes({2, 14}));
    EXPECT_EQ(fields[4].default_avro, bytes({2, 2, 'a'}));
}

TEST(Schema, RefusesDefaultsOfAnotherType) {
    for (const char* field :
         {R"({"name": "a", "type": "long", "default": "1"})",
          R"({"name": "a", "type": "long", "default": 1.0})",
          R"({"name": "a", "type": "int", "default": 2147483648})",
          R"({"name": "a", "type": "string", "default": null})",
          R"({"name": "a", "type": "bytes", "default": "\u0100"})",
          R"({"name": "a", "type": ["null"], "default": 1})",
          R"({"name": "a", "type": {"type": "map", "values": "int"}, "default": {"k": "v"}})"}) {
        EXPECT_THAT(refusal(record_of(field)), HasSubstr("the default of the field \"a\" of R")) << field;
    }
}

TEST(Schema, RefusesDefaultsThatGrowWithoutEnd) {
    EXPECT_THAT(refusal(record_of(R"({"name": "a", "type": ["R", "null"], "default": {}})")),
                HasSubstr("needs itself"));
    std::string types =
        R"({"type": "record", "name": "R0", "fields": [{"name": "a", "type": "long", "default": 0}]})";
    for (int i = 1; i < 100; ++i) {
        const std::string inner = "R" + std::to_string(i - 1);
        types += R"(, {"type": "record", "name": "R)" + std::to_string(i) +
                 R"(", "fields": [{"name": "a", "type": ")" + inner +
                 R"(", "default": {}}, {"name": "b", "type": ")" + inner + R"(", "default": {}}]})";
    }
    EXPECT_THAT(refusal("[" + types + "]"), HasSubstr("too large"));
}

TEST(Schema, NamesThePlaceOfWhatIsWrong) {
    EXPECT_THAT(
        refusal(record_of(
            R"({"name": "a", "type": "int"}, {"name": "b", "type": {"type": "array", "items": "Nope"}})")),
        HasSubstr("fields[1].type.items: the type \"Nope\" is not known"));
    EXPECT_THAT(refusal(R"({"type": "record", "name": "R"})"), HasSubstr("\"fields\" is missing"));
    EXPECT_THAT(refusal(record_of(R"({"name": "a", "type": "int"}, {"name": "a", "type": "int"})")),
                HasSubstr("fields[1]: the field \"a\""));
    EXPECT_THAT(refusal(R"(["null", ["int"]])"), HasSubstr("[1]: a union may not directly hold a union"));
    EXPECT_THAT(refusal(R"(["int", {"type": "int"}])"), HasSubstr("holds int twice"));
    EXPECT_THAT(refusal("[]"), HasSubstr("without branches"));
    EXPECT_THAT(refusal(R"({"type": "enum", "name": "E", "symbols": ["A", "A"]})"), HasSubstr("symbols[1]"));
    EXPECT_THAT(refusal(R"({"type": "enum", "name": "E", "symbols": ["A"], "default": "B"})"),
                HasSubstr("default"));
    EXPECT_THAT(refusal(R"({"type": "fixed", "name": "F", "size": -1})"), HasSubstr("size"));
    EXPECT_THAT(refusal(R"({"type": "fixed", "name": "F", "size": 9223372036854775807})"), HasSubstr("size"));
    EXPECT_THAT(refusal("7"), HasSubstr("a type is a name"));
    EXPECT_THAT(refusal(R"("Nope")"), HasSubstr("not known"));
    EXPECT_THAT(refusal(record_of(R"({"name": "r", "type": "R"})")), HasSubstr("no finite value"));
    EXPECT_THAT(refusal(record_of(R"({"name": "s", "type": {"type": "record", "name": "R", "fields": []}})")),
                HasSubstr("defined twice"));
}

TEST(Schema, RefusesNamesThatBreakTheRules) {
    for (const char* name :
         {"", "1a", "a-b", "a b", "a..b", ".a", "a.", "a.1b", "string", "a.int", "\\u00e9"}) {
        EXPECT_THAT(refusal(std::string(R"({"type": "fixed", "size": 1, "name": ")") + name + R"("})"),
                    HasSubstr("name"))
            << name;
    }
    EXPECT_THAT(refusal(record_of(R"({"name": "a.b", "type": "int"})")), HasSubstr("fields[0].name"));
    EXPECT_THAT(refusal(R"({"type": "fixed", "size": 1, "name": ")" + std::string(2000, 'a') + R"("})"),
                HasSubstr("1024"));
}

TEST(Schema, LetsAHyphenInANamespacePassAndTells) {
    const auto document = schema(
        R"({"type": "record", "name": "CloudEvent", "namespace": "org.redemption-reversed.v1", "fields": []})");
    std::string illegal;
    EXPECT_FALSE(document->has_legal_names(&illegal));
    EXPECT_EQ(illegal, "org.redemption-reversed.v1.CloudEvent");
    EXPECT_TRUE(schema(record_of(""))->has_legal_names());
}

TEST(Schema, RefusesJsonThatIsBrokenTooLargeOrTooDeep) {
    EXPECT_THAT(refusal("{\n  \"type\": }"), HasSubstr("line 2, column 11"));
    EXPECT_THAT(refusal(""), HasSubstr("line 1"));
    EXPECT_THAT(refusal("\"\xFF\""), HasSubstr("UTF-8"));
    EXPECT_THAT(refusal(R"({"type": "int", "type": "int"})"), HasSubstr("\"type\" is there twice"));
    EXPECT_THAT(refusal(std::string((1U << 20U) + 1, ' ')), HasSubstr("limit"));
    EXPECT_THAT(refusal(std::string(100'000, '[')), HasSubstr("nested deeper than 128"));
    std::string deep = R"("int")";
    for (int i = 0; i < 128; ++i) deep = R"({"type": "array", "items": )" + deep + "}";
    EXPECT_NO_THROW(schema(deep));
    EXPECT_THAT(refusal("{\"type\": " + deep + "}"), HasSubstr("nested deeper"));
}

TEST(Schema, BoundsTheNumberOfTypes) {
    std::string fields;
    for (int i = 0; i < 10'001; ++i) {
        fields += (i == 0 ? "" : ",") + std::string(R"({"name":"f)") + std::to_string(i) +
                  R"(","type":{"type":"map","values":"int"}})";
    }
    EXPECT_THAT(refusal(record_of(fields)), HasSubstr("more than 10000 types"));
}

}  // namespace
}  // namespace eventbus::avro
