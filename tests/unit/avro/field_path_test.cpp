#include "eventbus/avro/field_path.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bytes.hpp"
#include "eventbus/avro/json_view.hpp"

namespace eventbus::avro {
namespace {

using ::testing::AllOf;
using testing::bytes;
using testing::Bytes;
using testing::error_of;
using ::testing::HasSubstr;
using testing::schema;

const std::string enrollment =
    R"({"type": "record", "name": "CloudEvent", "namespace": "org.x.v1", "fields": [
    {"name": "list", "type": {"type": "array", "items": "string"}},
    {"name": "user", "type": {"type": "record", "name": "User", "fields": [
        {"type": "long", "name": "id", "doc": "é"},
        {"name": "pii", "type": {"type": "record", "name": "Pii", "fields": [{"name": "username", "type": "string"}]}}]}},
    {"name": "creator", "type": ["null", "User"], "default": null},
    {"name": "start", "type": ["null", "string"], "default": null},
    {"name": "either", "type": ["null", "long", "string"], "default": null}]})";

const std::string value = R"({"list": ["a", "b"], "user": {"id": 7, "pii": {"username": "ann"}},
    "creator": {"id": 8, "pii": {"username": "bob"}}, "start": "now", "either": "x"})";

std::optional<std::string> text_at(const std::string& path, const std::string& json = value) {
    const auto document = schema(enrollment);
    Bytes body;
    append_avro(body, document->root(), json);
    const FieldPath field(document, path);
    const auto found = field.locate(body);
    if (!found) return std::nullopt;
    std::string text;
    field.append_text(text, *found);
    return text;
}

std::string schema_at(const std::string& path) {
    return FieldPath(schema(enrollment), path).value_schema_json();
}

TEST(FieldPath, FindsValues) {
    EXPECT_EQ(text_at("user.id"), "7");
    EXPECT_EQ(text_at("user.pii.username"), "ann");
    EXPECT_EQ(text_at("user.pii"), R"({"username":"ann"})");
    EXPECT_EQ(text_at("creator.pii.username"), "bob");
    EXPECT_EQ(text_at("start"), "now");
    EXPECT_EQ(text_at("list"), R"(["a","b"])");
    EXPECT_EQ(text_at("either"), R"("x")");
}

TEST(FieldPath, NullOnTheWayIsNothing) {
    const std::string sparse = R"({"list": [], "user": {"id": 7, "pii": {"username": "ann"}}})";
    EXPECT_EQ(text_at("creator.pii.username", sparse), std::nullopt);
    EXPECT_EQ(text_at("start", sparse), std::nullopt);
}

TEST(FieldPath, GivesTheSchemaAsTheFieldForAPrimitive) {
    EXPECT_EQ(schema_at("user.id"), R"({"doc": "\u00e9", "name": "id", "type": "long"})");
    EXPECT_EQ(schema_at("creator.pii.username"), R"({"name": "username", "type": "string"})");
    EXPECT_EQ(schema_at("start"), R"({"name": "start", "type": "string"})");
}

TEST(FieldPath, GivesASchemaOfItsOwnForTheRest) {
    EXPECT_EQ(schema_at("list"), R"({"items": "string", "type": "array"})");
    EXPECT_EQ(
        schema_at("user.pii"),
        R"({"fields": [{"name": "username", "type": "string"}], "name": "Pii", "namespace": "org.x.v1", "type": "record"})");
    const auto creator = schema(schema_at("creator"));
    EXPECT_EQ(creator->root().full_name, "org.x.v1.User");
    EXPECT_EQ(creator->root().fields[1].schema->full_name, "org.x.v1.Pii");
    EXPECT_EQ(schema(schema_at("either"))->root().branches.size(), 3U);
}

TEST(FieldPath, WritesDefinitionsWhereTheyAreFirstNeeded) {
    const auto document = schema(R"({"type": "record", "name": "R", "fields": [
        {"name": "a", "type": {"type": "record", "name": "n.Node", "fields": [{"name": "next", "type": ["null", "Node"]}]}},
        {"name": "b", "type": {"type": "record", "name": "m.Pair", "fields": [
            {"name": "x", "type": "n.Node"}, {"name": "y", "type": {"type": "map", "values": "n.Node"}}]}}]})");
    const auto pair = schema(FieldPath(document, "b").value_schema_json());
    EXPECT_EQ(pair->root().full_name, "m.Pair");
    EXPECT_EQ(pair->root().fields[0].schema->full_name, "n.Node");
    EXPECT_EQ(pair->root().fields[1].schema->element, pair->root().fields[0].schema);
}

TEST(FieldPath, RefusesPathsThatLeadNowhere) {
    const auto refusal = [](const std::string& path) {
        return error_of<InvalidValue>([&] { FieldPath(schema(enrollment), path); });
    };
    EXPECT_THAT(refusal("user.nope"),
                AllOf(HasSubstr("\"user.nope\""), HasSubstr("org.x.v1.User"), HasSubstr("id, pii")));
    EXPECT_THAT(refusal("user.id.x"), HasSubstr("type long"));
    EXPECT_THAT(refusal("either.x"), HasSubstr("type union"));
    for (const char* path : {"", ".", "user.", ".user", "user..id"})
        EXPECT_THAT(refusal(path), HasSubstr("field")) << path;
}

TEST(FieldPath, RefusesBodiesThatLie) {
    const FieldPath path(schema(enrollment), "user.id");
    EXPECT_THROW(static_cast<void>(path.locate({})), DecodeError);
    EXPECT_THROW(static_cast<void>(path.locate(bytes({2, 100}))), DecodeError);
    EXPECT_THROW(static_cast<void>(path.locate(bytes({0}))), DecodeError);
}

}  // namespace
}  // namespace eventbus::avro
