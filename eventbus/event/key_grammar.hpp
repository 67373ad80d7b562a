#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace eventbus::key_grammar {

/// The grammars of Open edX's opaque keys: each takes a whole key and gives its canonical text, or nothing
/// when the text is no such key. The facts are those of the Python packages opaque_keys 4.0.1 and
/// ccx_keys 2.1.0, their odd corners included: a key that Python accepts is accepted here, with the same
/// canonical text.
[[nodiscard]] std::optional<std::string> course_key(std::string_view text);
[[nodiscard]] std::optional<std::string> ccx_locator(std::string_view text);
[[nodiscard]] std::optional<std::string> usage_key(std::string_view text);

/// The colon-separated keys of content libraries after their namespace: an organisation, a library and up to
/// two more parts.
struct LibraryGrammar {
    std::string_view name_space;
    /// How many parts follow the namespace.
    std::size_t parts;
    /// Whether the part before the last is limited to ASCII (a block's or container's type).
    bool has_type;
};
inline constexpr LibraryGrammar library{"lib", 2, false};
inline constexpr LibraryGrammar library_usage{"lb", 4, true};
inline constexpr LibraryGrammar library_collection{"lib-collection", 3, false};
inline constexpr LibraryGrammar library_container{"lct", 4, true};

[[nodiscard]] bool is_library_key(std::string_view text, const LibraryGrammar& grammar);

/// The parts of a canonical key as views into it; parts that are not there are nothing.
struct CourseParts {
    std::optional<std::string_view> org;
    std::optional<std::string_view> course;
    std::optional<std::string_view> run;
    std::optional<std::string_view> branch;
    std::optional<std::string_view> version;
    std::optional<std::string_view> ccx;
    std::optional<std::string_view> block_type;
    std::optional<std::string_view> block_id;
};

/// Reads `org+course[+run][+branch@b][+version@v][+ccx@n][+type@t][+block@i]`: the text behind a namespace.
[[nodiscard]] std::optional<CourseParts> course_parts(std::string_view text, bool with_ccx);

/// The part with an index of a text that is separated by `separator`.
[[nodiscard]] std::string_view part(std::string_view text, char separator, std::size_t index);

}  // namespace eventbus::key_grammar
