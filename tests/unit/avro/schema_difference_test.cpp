#include "eventbus/avro/schema_difference.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace eventbus::avro {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string record(const std::string& fields, const std::string& name = "R") {
    return R"({"type": "record", "name": ")" + name + R"(", "fields": [)" + fields + "]}";
}
std::string field(const std::string& name, const std::string& type, const std::string& more = "") {
    return R"({"name": ")" + name + R"(", "type": )" + type + more + "}";
}

std::vector<SchemaDifference> compare(const std::string& before, const std::string& after) {
    return differences(SchemaDocument::parse(before)->root(), SchemaDocument::parse(after)->root());
}

TEST(SchemaDifference, ThereIsNoneBetweenTextsOfOneMeaning) {
    EXPECT_THAT(compare(record(field("a", R"("long")")),
                        record(field("a", R"({"type": "long"})", R"(, "doc": "says more")"))),
                IsEmpty());
}

TEST(SchemaDifference, FieldsComeGoAndChange) {
    const std::string before = record(field("gone", R"("long")") + "," + field("kept", R"("int")"));
    const std::string after = record(field("kept", R"("long")") + "," +
                                     field("come", R"(["null", "string"])", R"(, "default": null)"));
    EXPECT_THAT(compare(before, after), ElementsAre(SchemaDifference{"kept", "int", "long"},
                                                    SchemaDifference{"come", "", "null|string = null"},
                                                    SchemaDifference{"gone", "long", ""}));
}

TEST(SchemaDifference, LooksIntoRecordsListsMapsAndUnions) {
    const auto deep = [](const std::string& type) {
        const std::string list = R"({"type": "array", "items": )" + record(field("x", type), "Inner") + "}";
        return record(field("a", R"(["null", )" + list + "]"));
    };
    EXPECT_THAT(compare(deep(R"("int")"), deep(R"({"type": "map", "values": "int"})")),
                ElementsAre(SchemaDifference{"a[].x", "int", "map"}, SchemaDifference{"a[].x[]", "", "int"}));
}

TEST(SchemaDifference, DefaultsAndOrderCount) {
    const std::string a = field("a", R"("int")");
    const std::string b = field("b", R"("int")");
    EXPECT_THAT(compare(record(a), record(field("a", R"("int")", R"(, "default": 3)"))),
                ElementsAre(SchemaDifference{"a", "int", "int = 3"}));
    EXPECT_THAT(compare(record(a + "," + b), record(b + "," + a)),
                ElementsAre(SchemaDifference{"", "order a, b", "order b, a"}));
}

TEST(SchemaDifference, ATypeThatHoldsItselfHasAnEnd) {
    const std::string list =
        record(field("value", R"("int")") + "," + field("next", R"(["null", "R"])", R"(, "default": null)"));
    const std::string longer =
        record(field("value", R"("long")") + "," + field("next", R"(["null", "R"])", R"(, "default": null)"));
    EXPECT_THAT(compare(list, longer), ElementsAre(SchemaDifference{"value", "int", "long"}));
}

}  // namespace
}  // namespace eventbus::avro
