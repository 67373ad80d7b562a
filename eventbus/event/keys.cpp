#include "eventbus/event/keys.hpp"

#include "eventbus/event/error.hpp"
#include "eventbus/event/key_grammar.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

[[noreturn]] void refuse(std::string_view kind, std::string_view text, std::string_view example) {
    throw InvalidValue(quote(text) + " is not a valid " + std::string(kind) + "; one looks like " +
                       std::string(example));
}

std::string checked_library(std::string_view text, const key_grammar::LibraryGrammar& grammar,
                            std::string_view kind, std::string_view example) {
    if (!key_grammar::is_library_key(text, grammar)) refuse(kind, text, example);
    return std::string(text);
}

std::string_view behind_namespace(std::string_view text) { return text.substr(text.find(':') + 1); }

bool is_slashes(std::string_view text) { return text.find(':') == std::string_view::npos; }

key_grammar::CourseParts parts_of(std::string_view text) {
    if (is_slashes(text)) {
        key_grammar::CourseParts parts;
        parts.org = key_grammar::part(text, '/', 0);
        parts.course = key_grammar::part(text, '/', 1);
        parts.run = key_grammar::part(text, '/', 2);
        return parts;
    }
    const bool with_ccx = text.starts_with("ccx-");
    return key_grammar::course_parts(behind_namespace(text), with_ccx).value_or(key_grammar::CourseParts{});
}

// The parts of a library key: 0 is the namespace.
std::string_view library_part(std::string_view text, std::size_t index) {
    return key_grammar::part(text, ':', index);
}

LibraryLocatorV2 library_of(std::string_view text) {
    return LibraryLocatorV2::parse("lib:" + std::string(library_part(text, 1)) + ":" +
                                   std::string(library_part(text, 2)));
}

struct BlockParts {
    std::optional<std::string_view> type;
    std::optional<std::string_view> id;
};

BlockParts block_of(std::string_view text) {
    if (text.starts_with("lb:")) return {library_part(text, 3), library_part(text, 4)};
    if (text.starts_with("i4x:")) {
        const std::string_view id = key_grammar::part(text, '/', 5);
        return {key_grammar::part(text, '/', 4), id.substr(0, id.find('@'))};
    }
    if (text.starts_with("location:")) {
        const std::string_view rest = behind_namespace(text);
        return {key_grammar::part(rest, '+', 3), key_grammar::part(rest, '+', 4)};
    }
    if (text.starts_with("aside-")) return {};
    const auto parts = parts_of(text);
    return {parts.block_type, parts.block_id};
}

}  // namespace

CourseKey CourseKey::parse(std::string_view text) {
    auto canonical = key_grammar::course_key(text);
    if (!canonical) refuse("course key", text, "course-v1:edX+DemoX+2024");
    return CourseKey(std::move(*canonical));
}

std::optional<std::string_view> CourseKey::org() const { return parts_of(str()).org; }
std::optional<std::string_view> CourseKey::course() const { return parts_of(str()).course; }
std::optional<std::string_view> CourseKey::run() const { return parts_of(str()).run; }

CcxLocator CcxLocator::parse(std::string_view text) {
    auto canonical = key_grammar::ccx_locator(text);
    if (!canonical) refuse("CCX key", text, "ccx-v1:edX+DemoX+2024+ccx@7");
    return CcxLocator(std::move(*canonical));
}

std::optional<std::string_view> CcxLocator::org() const { return parts_of(str()).org; }
std::optional<std::string_view> CcxLocator::course() const { return parts_of(str()).course; }
std::optional<std::string_view> CcxLocator::run() const { return parts_of(str()).run; }
std::string_view CcxLocator::ccx() const { return parts_of(str()).ccx.value_or(std::string_view{}); }

UsageKey UsageKey::parse(std::string_view text) {
    auto canonical = key_grammar::usage_key(text);
    if (!canonical) refuse("usage key", text, "block-v1:edX+DemoX+2024+type@problem+block@p1");
    return UsageKey(std::move(*canonical));
}

std::optional<std::string_view> UsageKey::block_type() const { return block_of(str()).type; }
std::optional<std::string_view> UsageKey::block_id() const { return block_of(str()).id; }

LibraryLocatorV2 LibraryLocatorV2::parse(std::string_view text) {
    return LibraryLocatorV2(checked_library(text, key_grammar::library, "library key", "lib:edX:Lib1"));
}

std::string_view LibraryLocatorV2::org() const { return library_part(str(), 1); }
std::string_view LibraryLocatorV2::slug() const { return library_part(str(), 2); }

LibraryUsageLocatorV2 LibraryUsageLocatorV2::parse(std::string_view text) {
    return LibraryUsageLocatorV2(
        checked_library(text, key_grammar::library_usage, "library usage key", "lb:edX:Lib1:problem:p1"));
}

LibraryLocatorV2 LibraryUsageLocatorV2::library_key() const { return library_of(str()); }
std::string_view LibraryUsageLocatorV2::block_type() const { return library_part(str(), 3); }
std::string_view LibraryUsageLocatorV2::usage_id() const { return library_part(str(), 4); }

LibraryCollectionLocator LibraryCollectionLocator::parse(std::string_view text) {
    return LibraryCollectionLocator(checked_library(text, key_grammar::library_collection,
                                                    "library collection key", "lib-collection:edX:Lib1:c1"));
}

LibraryLocatorV2 LibraryCollectionLocator::library_key() const { return library_of(str()); }
std::string_view LibraryCollectionLocator::collection_id() const { return library_part(str(), 3); }

LibraryContainerLocator LibraryContainerLocator::parse(std::string_view text) {
    return LibraryContainerLocator(checked_library(text, key_grammar::library_container,
                                                   "library container key", "lct:edX:Lib1:unit:u1"));
}

LibraryLocatorV2 LibraryContainerLocator::library_key() const { return library_of(str()); }
std::string_view LibraryContainerLocator::container_type() const { return library_part(str(), 3); }
std::string_view LibraryContainerLocator::container_id() const { return library_part(str(), 4); }

}  // namespace eventbus
