// What the reader makes of a good file, and what the writers make of that.
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "cpp_writer.hpp"
#include "yaml_reader.hpp"

namespace eventbus::generator {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string content_of(const std::string& name) {
    std::ifstream in(std::string(EVENTBUS_TEST_FOLDER "/") + name, std::ios::binary);
    EXPECT_TRUE(in) << name;
    return {std::istreambuf_iterator<char>(in), {}};
}

Subdomain read(std::string_view yaml) {
    Diagnostics diagnostics("test.yaml");
    auto subdomain = read_yaml(yaml, diagnostics);
    EXPECT_THAT(diagnostics.lines(), IsEmpty());
    return subdomain ? *subdomain : Subdomain{};
}

TEST(Definitions, RecordsStandBeforeThoseThatUseThem) {
    const Subdomain house = read(content_of("every_feature.yaml"));
    std::vector<std::string> names;
    for (const Record& record : house.records) names.push_back(record.name);
    EXPECT_THAT(names, ElementsAre("DoorData", "RoomData", "KeyData"));
}

TEST(Definitions, PlacesAreThoseOfTheFile) {
    const Subdomain house = read(content_of("every_feature.yaml"));
    const Event& lost = house.events.back();
    std::istringstream lines(content_of("every_feature.yaml"));
    std::string line;
    for (int i = 0; i < lost.place.line; ++i) std::getline(lines, line);
    EXPECT_EQ(line, "  KEY_LOST:");
    EXPECT_EQ(lost.place.column, 3);
}

// What users read. When the writers change on purpose, look at the new text and put it in place of the old.
TEST(Definitions, HeaderAndSourceAreAsExpected) {
    const Subdomain door = read(content_of("door.yaml"));
    EXPECT_EQ(cpp_header(door, "door.yaml"), content_of("door.hpp.expected"));
    EXPECT_EQ(cpp_source(door, "door.yaml", "door.hpp"), content_of("door.cpp.expected"));
}

TEST(Definitions, LinesOfWhatIsGeneratedKeepToTheWidth) {
    const Subdomain house = read(content_of("every_feature.yaml"));
    for (const std::string& text : {cpp_header(house, "x.yaml"), cpp_source(house, "x.yaml", "x.hpp")}) {
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) {
            EXPECT_LE(line.size(), 110U) << line;
            EXPECT_FALSE(line.ends_with(' ') || line.ends_with('\\')) << line;
        }
    }
}

TEST(Definitions, AFileMayHaveNoRecords) {
    const Subdomain plain = read(
        "subdomain: a\nnamespace: a\ndescription: d\nevents:\n  E_ONE:\n    type: a.b\n    description: d\n"
        "    data: {n: {type: int}}\n");
    EXPECT_EQ(plain.events.at(0).data.at(0).name, "n");
}

}  // namespace
}  // namespace eventbus::generator
