// Every mistake gets an error with its place and what to do.
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "yaml_reader.hpp"

namespace eventbus::generator {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

using Lines = std::vector<std::string>;

Lines errors_of(std::string_view yaml) {
    Diagnostics diagnostics("f.yaml");
    const auto subdomain = read_yaml(yaml, diagnostics);
    EXPECT_EQ(subdomain.has_value(), diagnostics.lines().empty());
    return diagnostics.lines();
}

const std::string head = "subdomain: s\nnamespace: s\ndescription: d\n";  // lines 1 to 3
const std::string event =
    "events:\n  E_ONE:\n    type: a.b.v1\n    description: d\n";  // an event's first four
const std::string data = "    data:\n      n: {type: int}\n";

// The field stands in line 8.
Lines errors_of_field(const std::string& field) {
    return errors_of(head + "records:\n  R:\n    description: d\n    fields:\n      " + field + "\n" + event +
                     data);
}

// The event's members begin in line 6.
Lines errors_of_event(const std::string& members) {
    return errors_of(head + "events:\n  E_ONE:\n" + members);
}

TEST(Errors, ThereAreNoneInAGoodFile) {
    EXPECT_THAT(errors_of(head + event + data), SizeIs(0));
    EXPECT_THAT(errors_of_field("n: {type: int, description: x}"), SizeIs(0));
}

TEST(Errors, OfYamlItselfHaveTheirPlace) {
    EXPECT_THAT(errors_of("a: [1,\nb"),
                ElementsAre(AllOf(StartsWith("f.yaml:"), HasSubstr("not valid YAML"))));
    EXPECT_THAT(errors_of("a: 1\n b: 2\n"), ElementsAre(StartsWith("f.yaml:2:")));
    EXPECT_THAT(errors_of(""), ElementsAre(HasSubstr("the file must be a mapping")));
    EXPECT_THAT(errors_of("- a\n"), ElementsAre(HasSubstr("the file must be a mapping")));
    EXPECT_THAT(errors_of(head + event + data + "---\na: 1\n"), ElementsAre(HasSubstr("one YAML document")));
    EXPECT_THAT(errors_of("a: 1\nb: \xff\n"),
                ElementsAre(AllOf(StartsWith("f.yaml:2:"), HasSubstr("UTF-8"))));
    EXPECT_THAT(errors_of(std::string("a: 1\nb: \0", 9)), ElementsAre(HasSubstr("UTF-8")));
}

TEST(Errors, BombsAreRefusedAtOnce) {
    EXPECT_THAT(
        errors_of("a: &x [1]\nb: [*x, *x]\n"),
        ElementsAre(AllOf(StartsWith("f.yaml:2:5:"), HasSubstr("aliases")), StartsWith("f.yaml:2:9:")));
    EXPECT_THAT(errors_of(std::string(100'000, '[')), ElementsAre(HasSubstr("nested too deeply")));
    EXPECT_THAT(errors_of(std::string(2 << 20, ' ')), ElementsAre(HasSubstr("larger than 1 MiB")));
    std::string chain = head + "records:\n";
    for (int i = 0; i < 40; ++i) {
        const std::string next = i == 39 ? "int" : "R" + std::to_string(i + 1);
        chain += "  R" + std::to_string(i) + ":\n    description: d\n    fields:\n      a: {type: " + next +
                 "}\n      b: {type: " + next + ", personal: true}\n";
    }
    EXPECT_THAT(errors_of(chain + event + data), Contains(HasSubstr("more than 10000 fields")));
    chain = head + "records:\n";
    for (int i = 0; i < 900; ++i)
        chain += "  R" + std::to_string(i) + ":\n    description: d\n    fields:\n      a: {type: " +
                 (i == 899 ? "int" : "R" + std::to_string(i + 1)) + "}\n";
    EXPECT_THAT(errors_of(chain + event + data), Contains(HasSubstr("more than 64 deep")));
    std::string many = head + "events:\n";
    for (int i = 0; i < 1001; ++i)
        many += "  E_" + std::to_string(i) + ": {type: a.b" + std::to_string(i) +
                ", description: d, data: {n: {type: int}}}\n";
    EXPECT_THAT(errors_of(many), ElementsAre(HasSubstr("more than 1000 events")));
}

TEST(Errors, AreKeptUpToAHundred) {
    std::string unknown = head + event + data;
    for (int i = 0; i < 150; ++i) unknown += "m" + std::to_string(i) + ": 1\n";
    const Lines lines = errors_of(unknown);
    EXPECT_THAT(lines, SizeIs(::testing::Le(101U)));
    EXPECT_THAT(lines, Contains(StartsWith("f.yaml:10:1:")));
}

TEST(Errors, OfMembersOfTheFile) {
    EXPECT_THAT(errors_of("a: 1\n"), AllOf(Contains(HasSubstr("unknown member \"a\" of the file")),
                                           Contains(HasSubstr("the file has no \"subdomain\"")),
                                           Contains(HasSubstr("the file has no \"namespace\"")),
                                           Contains(HasSubstr("the file has no \"description\"")),
                                           Contains(HasSubstr("the file has no \"events\""))));
    EXPECT_THAT(errors_of(head + "event: {}\n" + event + data),
                ElementsAre(AllOf(StartsWith("f.yaml:4:1:"), HasSubstr("did you mean \"events\"?"))));
    EXPECT_THAT(errors_of(head + head + event + data),
                Contains(HasSubstr("\"subdomain\" stands twice in the file")));
    EXPECT_THAT(errors_of(head + "events: {}\n"), ElementsAre(HasSubstr("defines no events")));
    EXPECT_THAT(errors_of(head + "events: []\n"), ElementsAre(HasSubstr("\"events\" must be a mapping")));
    EXPECT_THAT(errors_of(head + "records: 1\n" + event + data),
                ElementsAre(AllOf(StartsWith("f.yaml:4:10:"), HasSubstr("\"records\" must be a mapping"))));
    EXPECT_THAT(errors_of(head + "[1]: 2\n" + event + data),
                ElementsAre(HasSubstr("a name in the file must be text")));
}

TEST(Errors, OfNamespaces) {
    const std::string rest = "description: d\n" + event + data;
    for (const std::string name :
         {"a-b", "1a", "a::", "::a", "a::class", "std", "eventbus", "a::eventbus", "a b", "a:b"})
        EXPECT_THAT(errors_of("subdomain: s\nnamespace: \"" + name + "\"\n" + rest),
                    ElementsAre(AllOf(StartsWith("f.yaml:2:12:"), HasSubstr("cannot be a C++ namespace"))))
            << name;
    for (const std::string name : {"a", "a::b::c", "eventbus::mine"})
        EXPECT_THAT(errors_of("subdomain: s\nnamespace: \"" + name + "\"\n" + rest), SizeIs(0)) << name;
    EXPECT_THAT(errors_of("subdomain: a-b\nnamespace: s\n" + rest), ElementsAre(StartsWith("f.yaml:1:12:")));
}

TEST(Errors, OfRecords) {
    const auto record = [](const std::string& text) {
        return errors_of(head + "records:\n" + text + event + data);
    };
    EXPECT_THAT(
        record("  R:\n    fields: {n: {type: int}}\n"),
        ElementsAre(AllOf(StartsWith("f.yaml:6:5:"), HasSubstr("the record \"R\" has no \"description\""))));
    EXPECT_THAT(record("  R:\n    description: d\n"),
                ElementsAre(HasSubstr("the record \"R\" has no \"fields\"")));
    EXPECT_THAT(record("  R:\n    description: ''\n    fields: {n: {type: int}}\n"),
                ElementsAre(HasSubstr("must not be empty")));
    EXPECT_THAT(record("  R:\n    description: d\n    fields: {}\n"),
                ElementsAre(HasSubstr("has no fields")));
    EXPECT_THAT(record("  R: 1\n"), Contains(HasSubstr("the record \"R\" must be a mapping")));
    for (const std::string name : {"class", "a-b", "1R", "_R", "R__S", "eventbus"})
        EXPECT_THAT(record("  " + name + ":\n    description: d\n    fields: {n: {type: int}}\n"),
                    Contains(AllOf(StartsWith("f.yaml:5:3:"), HasSubstr("cannot be the name of a record"))))
            << name;
    EXPECT_THAT(record("  string:\n    description: d\n    fields: {n: {type: int}}\n"),
                ElementsAre(HasSubstr("built-in")));
    for (const std::string name : {"CloudEvent", "EOne", "E_ONE", "events", "visit_signals", "event_type"})
        EXPECT_THAT(record("  " + name + ":\n    description: d\n    fields: {n: {type: int}}\n"),
                    ElementsAre(HasSubstr("needs the C++ name \"" + name + "\"")))
            << name;
    const std::string twice = "  R:\n    description: d\n    fields: {n: {type: int}}\n";
    EXPECT_THAT(record(twice + twice),
                Contains(AllOf(StartsWith("f.yaml:8:3:"), HasSubstr("\"R\" stands twice"))));
}

TEST(Errors, OfRecordsWithinThemselves) {
    EXPECT_THAT(errors_of_field("r: {type: R, nullable: true}"),
                ElementsAre(AllOf(StartsWith("f.yaml:5:3:"), HasSubstr("the record \"R\" holds itself"))));
    EXPECT_THAT(errors_of_field("r: {type: list<R>}"), ElementsAre(HasSubstr("holds itself")));
    EXPECT_THAT(errors_of(head +
                          "records:\n  A: {description: d, fields: {b: {type: B}}}\n"
                          "  B: {description: d, fields: {c: {type: map<C>}}}\n"
                          "  C: {description: d, fields: {a: {type: A}}}\n"
                          "  D: {description: d, fields: {a: {type: A}}}\n" +
                          event + data),
                ElementsAre(AllOf(StartsWith("f.yaml:5:3:"), HasSubstr("\"A\" holds itself"))));
}

TEST(Errors, OfFields) {
    EXPECT_THAT(errors_of_field("n: {type: strng}"),
                ElementsAre(AllOf(StartsWith("f.yaml:8:7:"),
                                  HasSubstr("unknown type \"strng\"; did you mean \"string\"?"))));
    EXPECT_THAT(errors_of_field("n: {type: list<Coursekey>}"),
                ElementsAre(HasSubstr("did you mean \"CourseKey\"?")));
    EXPECT_THAT(errors_of_field("n: {type: SomethingElse}"),
                ElementsAre(HasSubstr("neither built in nor a record")));
    for (const std::string type : {"list<int", "list<>", "a b", "list", "map",
                                   "list<list<list<list<list<list<list<list<list<list<int>>>>>>>>>>"})
        EXPECT_THAT(errors_of_field("n: {type: \"" + type + "\"}"), ElementsAre(StartsWith("f.yaml:8:")))
            << type;
    EXPECT_THAT(errors_of_field("n: {type: \"list<int\"}"),
                ElementsAre(AllOf(HasSubstr("is no type"), HasSubstr("CourseKey"))));
    EXPECT_THAT(errors_of_field("n: {description: x}"),
                ElementsAre(HasSubstr("the field \"n\" of the record \"R\" has no \"type\"")));
    EXPECT_THAT(errors_of_field("n: int"),
                Contains(HasSubstr("the field \"n\" of the record \"R\" must be a mapping")));
    EXPECT_THAT(errors_of_field("n: {type: int, optional: true}"),
                ElementsAre(HasSubstr("unknown member \"optional\"")));
    EXPECT_THAT(errors_of_field("n: {type: int, nulable: true}"),
                ElementsAre(HasSubstr("did you mean \"nullable\"?")));
    EXPECT_THAT(errors_of_field("n: {type: int, nullable: yes}"),
                ElementsAre(HasSubstr("must be true or false")));
    EXPECT_THAT(errors_of_field("n: {type: [int]}"),
                ElementsAre(HasSubstr("\"type\" of the field \"n\" of the record \"R\" must be text")));
    EXPECT_THAT(errors_of_field("n: {type: int}\n      n: {type: int}"),
                Contains(AllOf(StartsWith("f.yaml:9:7:"), HasSubstr("\"n\" stands twice"))));
    for (const std::string& name : Lines{"a-b", "1", "_a", "a__b", "ä", std::string(129, 'x')})
        EXPECT_THAT(errors_of_field(name + ": {type: int}"),
                    ElementsAre(HasSubstr("cannot be the name of a field")))
            << name;
    EXPECT_THAT(errors_of_field("R: {type: int}"),
                ElementsAre(HasSubstr("has the name of the record \"R\"")));
}

TEST(Errors, OfNamesThatAreWordsOfCpp) {
    EXPECT_THAT(errors_of_field("class: {type: int}"), SizeIs(0));
    EXPECT_THAT(errors_of_field("class: {type: int}\n      class_: {type: int}"),
                ElementsAre(AllOf(StartsWith("f.yaml:9:7:"), HasSubstr("would both be \"class_\" in C++"))));
}

TEST(Errors, OfDefaults) {
    for (const std::string field :
         {"bool, default: 1", "bool, default: yes", "int, default: 1.5", "int, default: x",
          "int, default: 9223372036854775808", "float, default: x", "float, default: .nan",
          "float, default: .inf", "string, default: []", "string, default: null", "list<int>, default: [1]",
          "list<int>, default: 1", "map<int>, default: {a: 1}", "int, default: {}"})
        EXPECT_THAT(errors_of_field("n: {type: " + field + "}"),
                    ElementsAre(AllOf(StartsWith("f.yaml:8:"), HasSubstr("the default of the field \"n\""))))
            << field;
    for (const std::string type : {"datetime", "uuid", "bytes", "CourseKey", "R"})
        EXPECT_THAT(errors_of_field("n: {type: " + type + ", default: x}"),
                    Contains(HasSubstr("say nullable: true")))
            << type;
    EXPECT_THAT(errors_of_field("n: {type: int, nullable: true, default: 1}"),
                ElementsAre(HasSubstr("is nullable, so its default is null")));
}

TEST(Errors, OfEvents) {
    const std::string type = "    type: a.b.v1\n";
    const std::string description = "    description: d\n";
    EXPECT_THAT(errors_of_event(description + data),
                ElementsAre(HasSubstr("the event \"E_ONE\" has no \"type\"")));
    EXPECT_THAT(errors_of_event(type + data),
                ElementsAre(HasSubstr("the event \"E_ONE\" has no \"description\"")));
    EXPECT_THAT(errors_of_event(type + description),
                ElementsAre(AllOf(StartsWith("f.yaml:5:3:"), HasSubstr("has no \"data\""))));
    EXPECT_THAT(errors_of_event(type + description + "    data: {}\n"),
                ElementsAre(HasSubstr("has no fields")));
    EXPECT_THAT(errors_of_event(type + description + data + "    version: 1\n"),
                ElementsAre(HasSubstr("unknown member \"version\"")));
    for (const std::string number : {"-1", "1.5", "x", "99999999999", "[]"})
        EXPECT_THAT(errors_of_event(type + description + data + "    minor_version: " + number + "\n"),
                    ElementsAre(AllOf(StartsWith("f.yaml:10:"), HasSubstr("whole number"))))
            << number;
    EXPECT_THAT(errors_of_event(type + description + "    data:\n      n: {type: int, nullable: true}\n"),
                ElementsAre(HasSubstr("unknown member \"nullable\"")));
    for (const std::string name : {"e_one", "Eone", "E-ONE", "1E", "E__ONE"})
        EXPECT_THAT(errors_of(head + "events:\n  " + name + ":\n" + type + description + data),
                    Contains(AllOf(StartsWith("f.yaml:5:3:"), HasSubstr("cannot be the name of an event"))))
            << name;
    EXPECT_THAT(errors_of(head + event + data + "  E_TWO:\n" + type + description + data),
                ElementsAre(AllOf(StartsWith("f.yaml:11:11:"), HasSubstr("is that of \"E_ONE\" already"))));
    EXPECT_THAT(
        errors_of(head + event + data + "  EONE: {type: b.c, description: d, data: {n: {type: int}}}\n" +
                  "  E_O_N_E: {type: c.c, description: d, data: {n: {type: int}}}\n" +
                  "  EO_NE: {type: d.c, description: d, data: {n: {type: int}}}\n" +
                  "  E_ON_E: {type: e.c, description: d, data: {n: {type: int}}}\n" +
                  "  EON_E: {type: f.c, description: d, data: {n: {type: int}}}\n" +
                  "  E_O_NE: {type: g.c, description: d, data: {n: {type: int}}}\n" +
                  "  E_OnE: {type: h.c, description: d, data: {n: {type: int}}}\n"),
        Contains(HasSubstr("cannot be the name of an event")));
    EXPECT_THAT(
        errors_of(head + event + data + "  E__ONE: {type: b.c, description: d, data: {n: {type: int}}}\n"),
        Contains(HasSubstr("needs the C++ name \"EOne\"")));
}

TEST(Errors, OfEventTypes) {
    for (const std::string type :
         {"x", "a..b", ".a", "a.", "A.b", "a.B", "a b.c", "1a.b", "a.1", "org.example.dööor"})
        EXPECT_THAT(errors_of_event("    type: \"" + type + "\"\n    description: d\n" + data),
                    ElementsAre(AllOf(StartsWith("f.yaml:6:11:"), HasSubstr("is no event type"))))
            << type;
    EXPECT_THAT(errors_of_event("    type: " + std::string(150, 'a') + "." + std::string(150, 'b') +
                                "\n    description: d\n" + data),
                ElementsAre(HasSubstr("is no event type")));
    EXPECT_THAT(errors_of_event("    type: a.b-c.v1\n    description: d\n" + data),
                ElementsAre(AllOf(StartsWith("f.yaml:6:11:"), HasSubstr("has a hyphen"),
                                  HasSubstr("legal_avro_namespace: false"))));
    EXPECT_THAT(
        errors_of_event("    type: a.b-c.v1\n    description: d\n    legal_avro_namespace: false\n" + data),
        SizeIs(0));
}

TEST(Errors, OfKeyFields) {
    const auto keyed = [](const std::string& key) {
        return errors_of(head +
                         "records:\n  R: {description: d, fields: {a: {type: int}, l: {type: list<R2>}}}\n"
                         "  R2: {description: d, fields: {a: {type: int}}}\n"
                         "events:\n  E_ONE:\n    type: a.b.v1\n    description: d\n    key_field: " +
                         key + "\n    data: {r: {type: R}, n: {type: int}}\n");
    };
    for (const std::string key : {"n", "r", "r.a"}) EXPECT_THAT(keyed(key), SizeIs(0)) << key;
    for (const std::string key : {"x", "r.x", "n.x", "r.", ".r", "r.l.a", "r..a"})
        EXPECT_THAT(keyed(key),
                    ElementsAre(AllOf(StartsWith("f.yaml:11:16:"), HasSubstr("leads to no field"))))
            << key;
}

}  // namespace
}  // namespace eventbus::generator
