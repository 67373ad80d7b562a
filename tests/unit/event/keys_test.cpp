#include "eventbus/event/keys.hpp"

#include <gmock/gmock.h>

#include <string>
#include <unordered_set>

#include "eventbus/event/error.hpp"

namespace eventbus {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

template <class Key>
std::string canonical(std::string_view text) {
    try {
        return Key::parse(text).str();
    } catch (const InvalidValue&) {
        return "(refused)";
    }
}

template <class Key>
void expect_refused(std::initializer_list<std::string_view> texts) {
    for (const std::string_view text : texts) EXPECT_EQ(canonical<Key>(text), "(refused)") << text;
}

template <class Key>
void expect_kept(std::initializer_list<std::string_view> texts) {
    for (const std::string_view text : texts) EXPECT_EQ(canonical<Key>(text), text);
}

TEST(CourseKey, ReadsEveryForm) {
    expect_kept<CourseKey>({"course-v1:edX+DemoX+2024", "course-v1:edX+DemoX+2024+branch@draft",
                            "course-v1:version@519665f6223ebd6980884f2b", "edX/DemoX/2024",
                            "ccx-v1:edX+DemoX+2024+ccx@7", "library-v1:edX+Lib1", "course-v1:Ünï+課程+r",
                            "course-v1::+a:+c+branch@d"});
}

TEST(CourseKey, WritesOldNamesAsNewOnes) {
    EXPECT_EQ(canonical<CourseKey>("slashes:edX+DemoX+2024"), "course-v1:edX+DemoX+2024");
    EXPECT_EQ(canonical<CourseKey>("ccx-v1:edX+DemoX+2024+CCX@7"), "ccx-v1:edX+DemoX+2024+ccx@7");
}

TEST(CourseKey, RefusesWhatIsNone) {
    expect_refused<CourseKey>({"", "course-v1:", "course-v1:edX", "course-v1:edX+DemoX",
                               "course-v1:edX+Demo X+r", "course-v1:edX+DemoX+2024+",
                               "course-v1:edX+DemoX+2024\n", "edX/DemoX", "edX//2024", "a/b/c/d",
                               "block-v1:edX+DemoX+2024+type@problem+block@p1", "lib:edX:Lib1",
                               "course-v1:version@xyz", "course-v1:edX+DemoX+\xff"});
    expect_refused<CourseKey>({std::string(70'000, 'x') + "/b/c"});
}

TEST(CourseKey, TellsItsParts) {
    const CourseKey key = CourseKey::parse("course-v1:edX+DemoX+2024+branch@b");
    EXPECT_EQ(key.org(), "edX");
    EXPECT_EQ(key.course(), "DemoX");
    EXPECT_EQ(key.run(), "2024");
    const CourseKey old = CourseKey::parse("edX/DemoX/2024");
    EXPECT_EQ(old.org(), "edX");
    EXPECT_EQ(old.run(), "2024");
    const CourseKey version = CourseKey::parse("course-v1:version@519665f6223ebd6980884f2b");
    EXPECT_FALSE(version.org() || version.course() || version.run());
    EXPECT_EQ(CourseKey::parse("library-v1:edX+Lib1").course(), "Lib1");
}

TEST(CourseKey, SaysWhatIsWrongAndHowItLooks) {
    try {
        static_cast<void>(CourseKey::parse("edX+DemoX"));
        FAIL();
    } catch (const InvalidValue& error) {
        EXPECT_THAT(error.what(), AllOf(HasSubstr("\"edX+DemoX\""), HasSubstr("course key"),
                                        HasSubstr("course-v1:edX+DemoX+2024")));
    }
}

TEST(CourseKey, ComparesAndHashesByText) {
    const CourseKey key = CourseKey::parse("course-v1:a+b+c");
    const std::unordered_set<CourseKey> keys{key, CourseKey::parse("slashes:a+b+c"),
                                             CourseKey::parse("a/b/c")};
    EXPECT_EQ(keys.size(), 2U);
    EXPECT_EQ(key, CourseKey::parse("course-v1:a+b+c"));
    EXPECT_LT(key, CourseKey::parse("course-v1:a+b+d"));
}

TEST(CcxLocator, IsACourseKeyWithItsNumber) {
    const CcxLocator key = CcxLocator::parse("ccx-v1:edX+DemoX+2024+ccx@7");
    EXPECT_EQ(key.ccx(), "7");
    EXPECT_EQ(key.course(), "DemoX");
    expect_refused<CcxLocator>(
        {"course-v1:edX+DemoX+2024", "ccx-v1:edX+DemoX+2024", "ccx-v1:edX+DemoX+2024+ccx@x", ""});
}

TEST(UsageKey, ReadsEveryForm) {
    expect_kept<UsageKey>({"block-v1:edX+DemoX+2024+type@problem+block@p1",
                           "block-v1:edX+DemoX+2024+branch@b+version@519665f6223ebd6980884f2b+type@a+block@b",
                           "i4x://edX/DemoX/problem/p1", "i4x://edX/DemoX/problem/p1@draft",
                           "lb:edX:Lib1:problem:p1", "lib-block-v1:edX+Lib1+type@html+block@h",
                           "location:edX+DemoX+2024+problem+p1",
                           "ccx-block-v1:edX+DemoX+2024+ccx@7+type@problem+block@p1",
                           "aside-usage-v1:block-v1:a+b+c+type@p+block@q::aside",
                           "aside-usage-v2:block-v1$:a+b+c+type@p+block@q::aside"});
}

TEST(UsageKey, RefusesWhatIsNone) {
    expect_refused<UsageKey>({"", "block-v1:edX+DemoX+2024", "block-v1:edX+DemoX+2024+type@problem",
                              "course-v1:edX+DemoX+2024", "i4x://edX/DemoX/problem", "lb:edX:Lib1:problem",
                              "aside-usage-v1:nonsense::aside", "aside-usage-v2:block-v1:a+b+c::aside",
                              "block-v1:edX+DemoX+2024+type@pro blem+block@p1"});
    std::string deep = "block-v1:a+b+c+type@p+block@q";
    for (int i = 0; i < 20; ++i) deep = "aside-usage-v2:" + deep + "::x";
    expect_refused<UsageKey>({deep});
}

TEST(UsageKey, TellsItsParts) {
    for (const std::string_view text :
         {"block-v1:edX+DemoX+2024+type@problem+block@p1", "i4x://edX/DemoX/problem/p1@draft",
          "lb:edX:Lib1:problem:p1", "location:edX+DemoX+2024+problem+p1"}) {
        EXPECT_EQ(UsageKey::parse(text).block_type(), "problem") << text;
        EXPECT_EQ(UsageKey::parse(text).block_id(), "p1") << text;
    }
    EXPECT_FALSE(UsageKey::parse("aside-usage-v1:block-v1:a+b+c+type@p+block@q::aside").block_type());
}

TEST(LibraryKeys, TellTheirParts) {
    EXPECT_EQ(LibraryLocatorV2::parse("lib:edX:Lib1").org(), "edX");
    EXPECT_EQ(LibraryLocatorV2::parse("lib:edX:Lib1").slug(), "Lib1");
    const auto block = LibraryUsageLocatorV2::parse("lb:edX:Lib1:problem:p1");
    EXPECT_EQ(block.library_key().str(), "lib:edX:Lib1");
    EXPECT_EQ(block.block_type(), "problem");
    EXPECT_EQ(block.usage_id(), "p1");
    const auto collection = LibraryCollectionLocator::parse("lib-collection:edX:Lib1:c1");
    EXPECT_EQ(collection.library_key().str(), "lib:edX:Lib1");
    EXPECT_EQ(collection.collection_id(), "c1");
    const auto container = LibraryContainerLocator::parse("lct:edX:Lib1:unit:u1");
    EXPECT_EQ(container.library_key().str(), "lib:edX:Lib1");
    EXPECT_EQ(container.container_type(), "unit");
    EXPECT_EQ(container.container_id(), "u1");
}

TEST(LibraryKeys, RefuseWhatIsNone) {
    expect_refused<LibraryLocatorV2>(
        {"", "lib:", "lib:edX", "lib:edX:", "lib:e X:Lib1", "lib:edX:Lib1:more", "lb:a:b"});
    expect_refused<LibraryUsageLocatorV2>({"lb:edX:Lib1:problem", "lib:edX:Lib1", "lb:edX:Lib1:pro blem:p1"});
    expect_refused<LibraryCollectionLocator>(
        {"lib-collection:edX:Lib1", "lib:edX:Lib1", "lib-collection:edX:Lib1:c:d"});
    expect_refused<LibraryContainerLocator>({"lct:edX:Lib1:unit", "lib:edX:Lib1"});
}

}  // namespace
}  // namespace eventbus
