#include "eventbus/settings/reference.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <set>
#include <sstream>

#include "eventbus/settings/declarations.hpp"

namespace eventbus {
namespace {

TEST(Reference, TheDocumentIsUpToDate) {
    std::ifstream in(EVENTBUS_SETTINGS_REFERENCE);
    std::ostringstream text;
    text << in.rdbuf();
    EXPECT_EQ(text.str(), settings_reference()) << "run: eventbus settings --markdown > docs/settings.md";
}

TEST(Declarations, HaveNamesAndTexts) {
    std::set<std::string_view> names;
    for (const Declaration* declaration : setting::all()) {
        EXPECT_TRUE(names.insert(declaration->name).second) << declaration->name;
        EXPECT_FALSE(declaration->text.empty()) << declaration->name;
        EXPECT_EQ(setting::find(declaration->name), declaration);
    }
}

}  // namespace
}  // namespace eventbus
