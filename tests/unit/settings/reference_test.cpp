#include "eventbus/settings/reference.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <set>
#include <sstream>

#include "eventbus/settings/declarations.hpp"
#include "eventbus/settings/settings.hpp"

namespace eventbus {
namespace {

std::string contents(const char* path) {
    std::ifstream in(path);
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
}

TEST(Reference, TheDocumentIsUpToDate) {
    EXPECT_EQ(contents(EVENTBUS_SETTINGS_REFERENCE), settings_reference())
        << "run: eventbus settings --markdown > docs/settings.md";
}

TEST(Reference, TellsNameKindDefaultAndText) {
    EXPECT_THAT(
        settings_reference(),
        ::testing::HasSubstr("| `EVENT_BUS_EMBEDDED_PARTITIONS` | whole number, 1 to 1024 | `8` | How"));
    EXPECT_THAT(settings_reference(), ::testing::HasSubstr("`full`, `normal`, `off` | `full` |"));
    EXPECT_THAT(settings_reference(),
                ::testing::HasSubstr("| `EVENT_BUS_KAFKA_API_SECRET` | text, secret |"));
}

TEST(Declarations, HaveNamesTextsAndAPlaceInTheReference) {
    std::set<std::string_view> names;
    for (const Declaration* declaration : setting::all()) {
        EXPECT_TRUE(names.insert(declaration->name).second) << declaration->name;
        EXPECT_FALSE(declaration->section.empty()) << declaration->name;
        EXPECT_TRUE(declaration->text.ends_with('.')) << declaration->name;
        EXPECT_EQ(declaration->text.find('|'), std::string_view::npos) << declaration->name;
        EXPECT_EQ(setting::find(declaration->name), declaration);
    }
}

TEST(Declarations, AreAllInTheTable) {
    const std::string header = contents(EVENTBUS_SETTINGS_DECLARATIONS);
    const std::string_view declared = "inline constexpr Setting<";
    std::size_t count = 0;
    for (std::size_t at = header.find(declared); at != std::string::npos; at = header.find(declared, at + 1))
        ++count;
    EXPECT_EQ(setting::all().size(), count);
}

TEST(Declarations, HaveDefaultsThatAreAllowed) {
    for (const Declaration* declaration : setting::all()) {
        const std::string name(declaration->name);
        if (declaration == &setting::CONFIG) continue;
        EXPECT_NO_THROW(static_cast<void>(Settings().with({{name, std::string(declaration->fallback)}})))
            << name;
    }
}

}  // namespace
}  // namespace eventbus
