#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "bytes.hpp"
#include "eventbus/avro/json_view.hpp"
#include "eventbus/avro/reader.hpp"

namespace eventbus::avro {
namespace {

using ::testing::AllOf;
using testing::bytes;
using testing::Bytes;
using testing::error_of;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::schema;

const std::string user = R"({"type": "record", "name": "User", "fields": [
    {"name": "id", "type": "long"},
    {"name": "pii", "type": {"type": "record", "name": "Pii", "fields": [
        {"name": "email", "type": "string"}, {"name": "name", "type": "string", "default": "?"}]}},
    {"name": "tags", "type": {"type": "array", "items": "string"}, "default": []},
    {"name": "marks", "type": {"type": "map", "values": "int"}, "default": {}},
    {"name": "seen", "type": ["null", "string"], "default": null}]})";

Bytes encoded(const std::string& json_schema, const std::string& json) {
    Bytes out;
    append_avro(out, schema(json_schema)->root(), json);
    return out;
}

std::string refusal(const std::string& json_schema, const std::string& json) {
    return error_of<InvalidValue>([&] { static_cast<void>(encoded(json_schema, json)); });
}

std::string unreadable(const std::string& json) {
    return error_of<DecodeError>([&] { static_cast<void>(encoded(R"("string")", json)); });
}

TEST(AppendAvro, IsTheReverseOfAppendJson) {
    const std::string json =
        R"({"id":-9223372036854775808,"pii":{"email":"a\"\u0000b","name":"é"},"tags":["x",""],)"
        R"("marks":{"a":1,"b":-2},"seen":"now"})";
    const auto document = schema(user);
    const Bytes body = encoded(user, json);
    std::string back;
    append_json(back, document->root(), body);
    EXPECT_EQ(back, json);
}

TEST(AppendAvro, FillsInMembersThatHaveADefault) {
    EXPECT_EQ(encoded(user, R"({"id": 1, "pii": {"email": "e"}})"), bytes({2, 2, 'e', 2, '?', 0, 0, 0}));
}

TEST(AppendAvro, NamesThePathOfWhatIsWrong) {
    EXPECT_THAT(refusal(user, R"({"id": 1, "pii": {"email": 5}})"),
                HasSubstr("pii.email: found the number 5, needed is a string"));
    EXPECT_THAT(refusal(user, R"({"id": 1, "pii": {}})"), HasSubstr("pii.email: the member is missing"));
    EXPECT_THAT(refusal(user, R"({"id": 1, "pii": {"email": "", "mail": ""}})"),
                AllOf(HasSubstr("pii.mail: no such member in Pii"), HasSubstr("email, name")));
    EXPECT_THAT(refusal(user, R"({"id": 1, "pii": {"email": ""}, "tags": ["a", null]})"),
                HasSubstr("tags[1]: found null"));
    EXPECT_THAT(refusal(user, R"({"id": 1, "pii": {"email": ""}, "marks": {"a b": "x"}})"),
                HasSubstr("marks[\"a b\"]: found a string"));
    EXPECT_THAT(refusal(user, R"({"id": 1, "pii": {"email": ""}, "seen": true})"),
                HasSubstr("seen: found true, needed is one of null, string"));
    EXPECT_THAT(refusal(user, "[]"), HasSubstr("found an array, needed is an object (User)"));
}

TEST(AppendAvro, DoesNotRepeatTexts) {
    EXPECT_THAT(refusal(user, R"({"id": "secret", "pii": {"email": ""}})"), Not(HasSubstr("secret")));
    EXPECT_THAT(unreadable(R"({"secret": secret)"), Not(HasSubstr("secret")));
}

TEST(AppendAvro, TakesOnlyIntegersInRange) {
    for (const char* bad :
         {"1.0", "1e2", "9223372036854775808", "-9223372036854775809", "\"1\"", "true", "null"}) {
        EXPECT_THAT(refusal(R"("long")", bad), HasSubstr("64 bits")) << bad;
    }
    for (const char* bad : {"2147483648", "-2147483649"})
        EXPECT_THAT(refusal(R"("int")", bad), HasSubstr("32 bits"));
    EXPECT_EQ(encoded(R"("int")", "-2147483648").size(), 5U);
    EXPECT_EQ(encoded(R"("long")", "9223372036854775807").size(), 10U);
}

TEST(AppendAvro, TakesNumbersAndNamesOfNumbersForDoubles) {
    const auto read = [](const std::string& json) {
        const Bytes body = encoded(R"("double")", json);
        return Reader(body).read_double();
    };
    EXPECT_EQ(read("1"), 1.0);
    EXPECT_EQ(read("1e-3"), 0.001);
    EXPECT_TRUE(std::signbit(read("-0.0")));
    EXPECT_TRUE(std::isnan(read("\"NaN\"")));
    EXPECT_EQ(read("\"-Infinity\""), -std::numeric_limits<double>::infinity());
    EXPECT_THAT(refusal(R"("double")", "\"nan\""), HasSubstr("a number"));
    EXPECT_THAT(refusal(R"("float")", "1e39"), HasSubstr("range of a float"));
    EXPECT_THAT(error_of<DecodeError>([] { static_cast<void>(encoded(R"("double")", "1e999")); }),
                HasSubstr("line 1"));
}

TEST(AppendAvro, TakesBase64ForBytesExactly) {
    EXPECT_EQ(encoded(R"("bytes")", R"("APv/")"), bytes({6, 0, 0xFB, 0xFF}));
    EXPECT_EQ(encoded(R"("bytes")", R"("")"), bytes({0}));
    for (const char* bad :
         {"A", "AA=", "AAA", "AA==AA==", "AB==", "A===", "====", "A-_A", "AA A", "AAA=\\n"}) {
        EXPECT_THAT(refusal(R"("bytes")", "\"" + std::string(bad) + "\""), HasSubstr("base64")) << bad;
    }
    EXPECT_THAT(refusal(R"({"type": "fixed", "name": "F", "size": 2})", R"("AA==")"),
                HasSubstr("exactly 2 bytes"));
}

TEST(AppendAvro, ChoosesTheBranchThatHasTheValuesForm) {
    const std::string any = R"(["null", "double", "int", "long", "string", {"type": "array", "items": "int"},
        {"type": "record", "name": "A", "fields": [{"name": "a", "type": "int"}]},
        {"type": "record", "name": "B", "fields": [{"name": "b", "type": "int"}]}])";
    const auto branch = [&any](const std::string& json) {
        return std::to_integer<int>(encoded(any, json).front()) / 2;
    };
    EXPECT_EQ(branch("null"), 0);
    EXPECT_EQ(branch("1.0"), 1);
    EXPECT_EQ(branch("1"), 2);
    EXPECT_EQ(branch("2147483648"), 3);
    EXPECT_EQ(branch("18446744073709551615"), 1);
    EXPECT_EQ(branch("\"NaN\""), 4);
    EXPECT_EQ(branch("[1]"), 5);
    EXPECT_EQ(branch(R"({"a": 1})"), 6);
    EXPECT_EQ(branch(R"({"b": 1})"), 7);
    EXPECT_THAT(refusal(any, R"({"b": "x"})"), HasSubstr("b: found a string"));
    EXPECT_THAT(refusal(any, "true"), HasSubstr("one of null, double, int"));
}

TEST(AppendAvro, RefusesJsonThatIsBroken) {
    EXPECT_THAT(unreadable("{\"a\":\n 1,}"), HasSubstr("line 2, column 4"));
    EXPECT_THAT(unreadable("\"a\" \"b\""), HasSubstr("column 7"));
    EXPECT_THAT(unreadable("\"\xC3\""), HasSubstr("UTF-8"));
    EXPECT_THAT(unreadable(R"("\ud800")"), HasSubstr("surrogate"));
    EXPECT_THAT(unreadable(R"([{"a": 1, "a": 2}])"), HasSubstr("\"a\" is there twice"));
    EXPECT_THAT(unreadable(std::string(129, '[') + std::string(129, ']')),
                HasSubstr("nested deeper than 128"));
    EXPECT_THAT(unreadable(std::string((16U << 20U) + 1, ' ')), HasSubstr("limit"));
}

TEST(AppendAvro, LeavesTheBytesAloneWhenItThrows) {
    Bytes out = bytes({9});
    EXPECT_THROW(append_avro(out, schema(user)->root(), R"({"id": 1, "pii": {"email": 1}})"), InvalidValue);
    EXPECT_EQ(out, bytes({9}));
}

}  // namespace
}  // namespace eventbus::avro
