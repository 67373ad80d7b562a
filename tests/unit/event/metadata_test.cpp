#include "eventbus/event/metadata.hpp"

#include <gmock/gmock.h>

namespace eventbus {
namespace {

TEST(Metadata, SourceNamesTheService) {
    EXPECT_EQ(source_of_service("lms"), "openedx/lms/web");
    EXPECT_EQ(source_of_service(""), "openedx/SERVICE_NAME_UNSET/web");
}

TEST(Metadata, SourcelibIsIntegersJoinedByDots) {
    for (const std::string_view text : {"1", "11.2.0", "0.0"}) EXPECT_TRUE(is_sourcelib(text)) << text;
    for (const std::string_view text : {"", ".", "1.", ".1", "1..2", "1.2b", "-1", " 1", "1.2.0+local"})
        EXPECT_FALSE(is_sourcelib(text)) << text;
}

}  // namespace
}  // namespace eventbus
