#include "eventbus/event/key_grammar.hpp"

#include <algorithm>
#include <cstdint>
#include <initializer_list>

#include "eventbus/event/word_characters.hpp"

namespace eventbus::key_grammar {

namespace {

// Longer than any real key; bounds the work that a hostile one can cause.
constexpr std::size_t longest_key = 65536;
constexpr int deepest_aside = 8;

// Which ASCII characters may stand in an id, by the sets that the grammars use.
constexpr std::uint8_t id_set = 1;          // word characters and -~.:
constexpr std::uint8_t percent_id_set = 2;  // the same and %
constexpr std::uint8_t old_set = 4;         // word characters and .%-
constexpr std::uint8_t slug_set = 8;        // word characters and -.

constexpr std::array<std::uint8_t, 128> ascii_sets = [] {
    std::array<std::uint8_t, 128> sets{};
    const auto allow = [&](std::string_view characters, std::uint8_t set) {
        for (const char c : characters) sets[static_cast<std::uint8_t>(c)] |= set;
    };
    constexpr std::string_view word = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    for (const std::uint8_t set : {id_set, percent_id_set, old_set, slug_set}) allow(word, set);
    allow("-~.:", id_set);
    allow("-~.:%", percent_id_set);
    allow(".%-", old_set);
    allow("-.", slug_set);
    return sets;
}();

bool all_of_set(std::string_view text, std::uint8_t set) {
    for (std::size_t at = 0; at < text.size();) {
        const auto byte = static_cast<std::uint8_t>(text[at]);
        if (byte < 0x80) {
            if ((ascii_sets[byte] & set) == 0) return false;
            ++at;
        } else if (const char32_t c = next_character(text, at);
                   c == invalid_character || !is_word_character(c)) {
            return false;
        }
    }
    return true;
}

bool is_id(std::string_view text) { return !text.empty() && all_of_set(text, id_set); }

bool is_object_id(std::string_view text) {
    return text.size() == 24 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
           });
}

bool has_upper_case(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_number(std::string_view text) {
    if (text.empty()) return false;
    for (std::size_t at = 0; at < text.size();) {
        const char32_t c = next_character(text, at);
        if (c == invalid_character || !is_digit_character(c)) return false;
    }
    return true;
}

bool equal_without_case(std::string_view text, std::string_view lower) {
    std::size_t at = 0;
    for (const char expected : lower) {
        if (at == text.size()) return false;
        char32_t c = next_character(text, at);
        // The two non-ASCII letters whose lower or upper case is an ASCII letter: long s and the Kelvin sign.
        if (c == 0x17F) c = U's';
        if (c == 0x212A) c = U'k';
        if (c >= U'A' && c <= U'Z') c += 32;
        if (c != static_cast<char32_t>(expected)) return false;
    }
    return at == text.size();
}

// One `+`-separated piece of a course key: `value`, or `prefix@value`.
struct Token {
    std::string_view prefix;
    std::string_view value;
    bool has_prefix = false;
};

class Tokens {
  public:
    explicit Tokens(std::string_view rest) : rest_(rest), more_(!rest.empty()) { advance(); }

    [[nodiscard]] bool done() const { return !has_; }
    [[nodiscard]] bool broken() const { return broken_; }
    [[nodiscard]] bool is_plain() const { return has_ && !token_.has_prefix; }
    [[nodiscard]] std::string_view value() const { return token_.value; }

    bool take_plain(std::optional<std::string_view>& to) {
        if (!is_plain() || !is_id(token_.value)) return false;
        to = token_.value;
        advance();
        return true;
    }

    // A wrong value behind the right prefix fits nowhere else either, so it stays and fails the whole key.
    template <class IsValid>
    void take(std::string_view prefix, bool any_case, std::optional<std::string_view>& to, IsValid is_valid) {
        if (!has_ || !token_.has_prefix) return;
        if (any_case ? !equal_without_case(token_.prefix, prefix) : token_.prefix != prefix) return;
        if (!is_valid(token_.value)) return;
        to = token_.value;
        advance();
    }

  private:
    void advance() {
        has_ = more_;
        if (!has_) return;
        const std::size_t plus = rest_.find('+');
        const std::string_view piece = rest_.substr(0, plus);
        more_ = plus != std::string_view::npos;
        rest_ = more_ ? rest_.substr(plus + 1) : std::string_view{};
        if (piece.empty() || (more_ && rest_.empty())) broken_ = true;
        const std::size_t sign = piece.find('@');
        token_.has_prefix = sign != std::string_view::npos;
        token_.prefix = token_.has_prefix ? piece.substr(0, sign) : std::string_view{};
        token_.value = token_.has_prefix ? piece.substr(sign + 1) : piece;
    }

    std::string_view rest_;
    Token token_;
    bool more_;
    bool has_ = false;
    bool broken_ = false;
};

// The course behind the key has a version, or an organisation, course and run.
bool names_a_course(const CourseParts& parts) {
    if (parts.version && !is_object_id(*parts.version)) return false;
    return parts.version || (parts.org && parts.course && parts.run);
}

bool names_a_library(const CourseParts& parts) {
    if (parts.version && !is_object_id(*parts.version)) return false;
    return parts.version || (parts.org && parts.course);
}

void append_part(std::string& out, std::string_view prefix, std::string_view value) {
    // Not behind the namespace, which ends at the first colon; a part may end with one too.
    if (out.find(':') + 1 != out.size()) out += '+';
    out.append(prefix).append(value);
}

void append_version(std::string& out, const CourseParts& parts) {
    if (!parts.version) return;
    append_part(out, "version@", *parts.version);
    std::transform(out.end() - 24, out.end(), out.end() - 24,
                   [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; });
}

void append_course(std::string& out, const CourseParts& parts) {
    if (parts.course && parts.run) {
        append_part(out, "", *parts.org);
        append_part(out, "", *parts.course);
        append_part(out, "", *parts.run);
        if (parts.branch) append_part(out, "branch@", *parts.branch);
    }
    append_version(out, parts);
    if (parts.ccx) append_part(out, "ccx@", *parts.ccx);
}

void append_library(std::string& out, const CourseParts& parts) {
    if (parts.course) {
        append_part(out, "", *parts.org);
        append_part(out, "", *parts.course);
        if (parts.branch) append_part(out, "branch@", *parts.branch);
    }
    append_version(out, parts);
}

// A type that is missing is written as Python writes it.
void append_block(std::string& out, const CourseParts& parts) {
    append_part(out, "type@", parts.block_type.value_or("None"));
    append_part(out, "block@", *parts.block_id);
}

std::string begin(std::string_view name_space, std::string_view text) {
    std::string out;
    out.reserve(text.size() + 12);
    out.append(name_space).push_back(':');
    return out;
}

// The ordinary course key is its own canonical text: three plain ids.
bool is_ordinary_course(const CourseParts& parts) {
    return parts.run && !parts.branch && !parts.version && !parts.block_type && !parts.block_id;
}

// The ordinary block is too, when nothing in it is written in another case.
bool is_ordinary_block(const CourseParts& parts) {
    return parts.run && !parts.branch && !parts.version && parts.block_type && parts.block_id;
}

std::optional<std::string> course_v1(std::string_view text, std::string_view rest,
                                     bool is_canonical_namespace) {
    const auto parts = course_parts(rest, false);
    if (!parts || !names_a_course(*parts)) return std::nullopt;
    if (is_canonical_namespace && is_ordinary_course(*parts)) return std::string(text);
    std::string out = begin("course-v1", rest);
    append_course(out, *parts);
    return out;
}

std::optional<std::string> ccx_v1(std::string_view rest) {
    const auto parts = course_parts(rest, true);
    if (!parts || !parts->ccx || !names_a_course(*parts)) return std::nullopt;
    std::string out = begin("ccx-v1", rest);
    append_course(out, *parts);
    return out;
}

std::optional<std::string> library_v1(std::string_view rest) {
    const auto parts = course_parts(rest, false);
    if (!parts || !names_a_library(*parts)) return std::nullopt;
    std::string out = begin("library-v1", rest);
    append_library(out, *parts);
    return out;
}

// `org/course/run`; the run may be empty.
std::optional<std::string> slashes(std::string_view text) {
    if (std::count(text.begin(), text.end(), '/') != 2) return std::nullopt;
    const std::string_view org = part(text, '/', 0);
    const std::string_view course = part(text, '/', 1);
    const std::string_view run = part(text, '/', 2);
    if (org.empty() || course.empty()) return std::nullopt;
    for (const std::string_view piece : {org, course, run})
        if (!all_of_set(piece, old_set)) return std::nullopt;
    return std::string(text);
}

std::optional<std::string> block_v1(std::string_view text, std::string_view rest) {
    const auto parts = course_parts(rest, false);
    if (!parts || !names_a_course(*parts) || !parts->block_id || !is_id(*parts->block_id))
        return std::nullopt;
    if (is_ordinary_block(*parts)) return std::string(text);
    std::string out = begin("block-v1", rest);
    append_course(out, *parts);
    append_block(out, *parts);
    return out;
}

std::optional<std::string> ccx_block_v1(std::string_view rest) {
    const auto parts = course_parts(rest, true);
    if (!parts || !parts->ccx || !names_a_course(*parts) || !parts->block_id) return std::nullopt;
    if (!is_id(*parts->block_id)) return std::nullopt;
    std::string out = begin("ccx-block-v1", rest);
    append_course(out, *parts);
    append_block(out, *parts);
    return out;
}

std::optional<std::string> lib_block_v1(std::string_view rest) {
    const auto parts = course_parts(rest, false);
    if (!parts || !names_a_library(*parts) || !parts->block_type || !parts->block_id) return std::nullopt;
    if (!is_id(*parts->block_id)) return std::nullopt;
    std::string out = begin("lib-block-v1", rest);
    append_library(out, *parts);
    append_block(out, *parts);
    return out;
}

// `location:org+course+run+type+id`, all five plain ids.
std::optional<std::string> location(std::string_view text, std::string_view rest) {
    if (std::count(rest.begin(), rest.end(), '+') != 4) return std::nullopt;
    for (std::size_t i = 0; i < 5; ++i)
        if (!is_id(part(rest, '+', i))) return std::nullopt;
    return std::string(text);
}

// `i4x://org/course/type/id[@revision]`; the type is not checked at all, as in Python.
std::optional<std::string> i4x(std::string_view text) {
    constexpr std::string_view scheme = "i4x://";
    if (!text.starts_with(scheme)) return std::nullopt;
    std::string_view rest = text.substr(scheme.size());
    std::array<std::string_view, 3> pieces;
    for (std::string_view& piece : pieces) {
        const std::size_t slash = rest.find('/');
        if (slash == std::string_view::npos || slash == 0) return std::nullopt;
        piece = rest.substr(0, slash);
        rest.remove_prefix(slash + 1);
    }
    const std::size_t sign = rest.find('@');
    const std::string_view id = rest.substr(0, sign);
    if (id.empty() || !all_of_set(id, percent_id_set)) return std::nullopt;
    if (!all_of_set(pieces[0], old_set) || !all_of_set(pieces[1], old_set)) return std::nullopt;
    if (sign != std::string_view::npos) {
        const std::string_view revision = rest.substr(sign + 1);
        if (revision.empty() || !all_of_set(revision, percent_id_set)) return std::nullopt;
    }
    for (std::size_t at = 0; at < pieces[2].size();)
        if (next_character(pieces[2], at) == invalid_character) return std::nullopt;
    return std::string(text);
}

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
    return text;
}

std::string encode_v1(std::string_view text) {
    return replace_all(replace_all(std::string(text), "$", "$$"), "::", "$::");
}
std::string encode_v2(std::string_view text) {
    return replace_all(replace_all(std::string(text), "$", "$$"), ":", "$:");
}

std::optional<std::string> decode_v1(std::string_view text) {
    std::string decoded = replace_all(replace_all(std::string(text), "$::", "::"), "$$", "$");
    if (encode_v1(decoded) != text) return std::nullopt;
    return decoded;
}

bool has_lone_dollar(std::string_view text) {
    std::size_t run = 0;
    for (const char c : text) {
        if (c == '$') {
            ++run;
        } else {
            if (run % 2 != 0) return true;
            run = 0;
        }
    }
    return run % 2 != 0;
}

std::optional<std::string> decode_v2(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at)
        if (text[at] == ':' && (at == 0 || text[at - 1] != '$')) return std::nullopt;
    std::string decoded = replace_all(std::string(text), "$:", ":");
    if (has_lone_dollar(decoded)) return std::nullopt;
    return replace_all(std::move(decoded), "$$", "$");
}

bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();)
        if (next_character(text, at) == invalid_character) return false;
    return true;
}

std::optional<std::string> usage_key_at(std::string_view text, int depth);

std::optional<std::string> aside_usage(std::string_view rest, bool is_v2, int depth) {
    if (depth >= deepest_aside) return std::nullopt;
    const std::size_t split = is_v2 ? rest.rfind("::") : rest.find("::");
    const bool has_split = split != std::string_view::npos;
    // The first version of the grammar takes a key without a type.
    if (!has_split && is_v2) return std::nullopt;
    const std::string_view left = rest.substr(0, split);
    const std::string_view right = has_split ? rest.substr(split + 2) : std::string_view{};
    const auto usage = is_v2 ? decode_v2(left) : decode_v1(left);
    const auto type = is_v2 ? decode_v2(right) : decode_v1(right);
    if (!usage || !type || !is_utf8(*type)) return std::nullopt;
    const auto key = usage_key_at(*usage, depth + 1);
    if (!key) return std::nullopt;
    if (is_v2) return "aside-usage-v2:" + encode_v2(*key) + "::" + encode_v2(*type);
    if (key->find("::") != std::string::npos || key->ends_with(':')) return std::nullopt;
    return "aside-usage-v1:" + encode_v1(*key) + "::" + encode_v1(*type);
}

std::optional<std::string> usage_key_at(std::string_view text, int depth) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || text.size() > longest_key) return std::nullopt;
    const std::string_view name_space = text.substr(0, colon);
    const std::string_view rest = text.substr(colon + 1);
    if (name_space == "block-v1") return block_v1(text, rest);
    if (name_space == "lb")
        return is_library_key(text, library_usage) ? std::optional(std::string(text)) : std::nullopt;
    if (name_space == "lib-block-v1") return lib_block_v1(rest);
    if (name_space == "ccx-block-v1") return ccx_block_v1(rest);
    if (name_space == "location") return location(text, rest);
    if (name_space == "aside-usage-v1") return aside_usage(rest, false, depth);
    if (name_space == "aside-usage-v2") return aside_usage(rest, true, depth);
    return i4x(text);
}

}  // namespace

std::string_view part(std::string_view text, char separator, std::size_t index) {
    for (; index > 0; --index) text.remove_prefix(text.find(separator) + 1);
    return text.substr(0, text.find(separator));
}

std::optional<CourseParts> course_parts(std::string_view text, bool with_ccx) {
    CourseParts parts;
    Tokens tokens(text);
    if (tokens.is_plain()) {
        if (!tokens.take_plain(parts.org) || !tokens.take_plain(parts.course)) return std::nullopt;
        if (tokens.is_plain() && !tokens.take_plain(parts.run)) return std::nullopt;
    }
    // The grammar of CCX keys alone ignores the case of prefixes and of versions.
    const auto is_version = [&](std::string_view value) {
        return is_object_id(value) && (with_ccx || !has_upper_case(value));
    };
    tokens.take("branch", with_ccx, parts.branch, is_id);
    tokens.take("version", with_ccx, parts.version, is_version);
    if (with_ccx) tokens.take("ccx", true, parts.ccx, is_number);
    tokens.take("type", with_ccx, parts.block_type, is_id);
    // The other grammars let a percent sign through here.
    tokens.take("block", with_ccx, parts.block_id, [&](std::string_view value) {
        return !value.empty() && all_of_set(value, with_ccx ? id_set : percent_id_set);
    });
    if (!tokens.done() || tokens.broken()) return std::nullopt;
    return parts;
}

std::optional<std::string> course_key(std::string_view text) {
    if (text.size() > longest_key) return std::nullopt;
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return slashes(text);
    const std::string_view name_space = text.substr(0, colon);
    const std::string_view rest = text.substr(colon + 1);
    if (name_space == "course-v1") return course_v1(text, rest, true);
    if (name_space == "slashes") return course_v1(text, rest, false);
    if (name_space == "ccx-v1") return ccx_v1(rest);
    if (name_space == "library-v1") return library_v1(rest);
    return std::nullopt;
}

std::optional<std::string> ccx_locator(std::string_view text) {
    constexpr std::string_view name_space = "ccx-v1:";
    if (!text.starts_with(name_space) || text.size() > longest_key) return std::nullopt;
    return ccx_v1(text.substr(name_space.size()));
}

std::optional<std::string> usage_key(std::string_view text) { return usage_key_at(text, 0); }

bool is_library_key(std::string_view text, const LibraryGrammar& grammar) {
    if (text.size() > longest_key || !text.starts_with(grammar.name_space)) return false;
    text.remove_prefix(grammar.name_space.size());
    if (!text.starts_with(':')) return false;
    text.remove_prefix(1);
    if (static_cast<std::size_t>(std::count(text.begin(), text.end(), ':')) != grammar.parts - 1)
        return false;
    for (std::size_t i = 0; i < grammar.parts; ++i) {
        std::string_view piece = part(text, ':', i);
        // Python's `$` matches before a final newline as well, so one is let through.
        if (piece.ends_with('\n')) piece.remove_suffix(1);
        if (piece.empty() || !all_of_set(piece, slug_set)) return false;
        const bool must_be_ascii = i == 0 || (grammar.has_type && i == 2);
        if (must_be_ascii && std::any_of(piece.begin(), piece.end(), [](char c) { return (c & 0x80) != 0; }))
            return false;
    }
    return true;
}

}  // namespace eventbus::key_grammar
