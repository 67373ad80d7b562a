// docs/defining-events.md says what is so.
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <string>

#include "type_name.hpp"
#include "yaml_reader.hpp"

namespace eventbus::generator {
namespace {

using ::testing::HasSubstr;

std::string document() {
    std::ifstream in(EVENTBUS_DEFINING_EVENTS);
    EXPECT_TRUE(in);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string example() {
    const std::string text = document();
    const std::string fence = "```yaml\n";
    const std::size_t begin = text.find(fence) + fence.size();
    return text.substr(begin, text.find("```", begin) - begin);
}

std::string error_of(std::string yaml, const std::string& from, const std::string& to) {
    yaml.replace(yaml.find(from), from.size(), to);
    Diagnostics diagnostics("kettle.yaml");
    static_cast<void>(read_yaml(yaml, diagnostics));
    return diagnostics.lines().empty() ? "none" : diagnostics.lines().front();
}

TEST(Documentation, ItsExampleIsRead) {
    Diagnostics diagnostics("kettle.yaml");
    EXPECT_TRUE(read_yaml(example(), diagnostics)) << diagnostics.lines().front();
}

TEST(Documentation, ItsErrorsAreThoseThatAreGiven) {
    EXPECT_THAT(document(), HasSubstr("\n" + error_of(example(), "string", "strng") + "\n"));
    EXPECT_THAT(document(), HasSubstr("\n" + error_of(example(), "kettle.room", "kettle.rom") + "\n"));
}

TEST(Documentation, NamesEveryTypeAndMember) {
    for (const std::string_view type : builtin_types())
        EXPECT_THAT(document(), HasSubstr("`" + std::string(type) + "`"));
    for (const std::string member :
         {"subdomain", "namespace", "description", "python_module", "records", "events", "fields", "type",
          "nullable", "default", "personal", "data", "minor_version", "key_field", "legal_avro_namespace",
          "openedx_events_serializes"})
        EXPECT_THAT(document(), HasSubstr("| `" + member + "` |"));
}

}  // namespace
}  // namespace eventbus::generator
