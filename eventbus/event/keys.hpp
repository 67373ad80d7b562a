#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace eventbus {

/// Open edX's opaque keys as types of their own, so that a usage key cannot be passed for a course key. Each
/// has been parsed by the grammar of its kind and holds the canonical text, equal to Python's `str(key)`;
/// there is no empty key. The grammars are those of opaque_keys 4.0 and ccx_keys 2.1. Values; comparing
/// compares the texts.
///
/// Every `parse` throws InvalidValue that names the kind, the text and what a valid key looks like.

/// The part that all keys share; not used by itself.
class OpaqueKey {
  public:
    [[nodiscard]] const std::string& str() const noexcept { return text_; }

  protected:
    explicit OpaqueKey(std::string text) : text_(std::move(text)) {}
    ~OpaqueKey() = default;
    OpaqueKey(const OpaqueKey&) = default;
    OpaqueKey(OpaqueKey&&) noexcept = default;
    OpaqueKey& operator=(const OpaqueKey&) = default;
    OpaqueKey& operator=(OpaqueKey&&) noexcept = default;

  private:
    std::string text_;
};

/// A course run, a CCX of one, or a legacy library: `course-v1:edX+DemoX+2024`,
/// `ccx-v1:edX+DemoX+2024+ccx@7`, `library-v1:edX+Lib1`, and the old `edX/DemoX/2024`.
class CourseKey : public OpaqueKey {
  public:
    [[nodiscard]] static CourseKey parse(std::string_view text);

    /// Nothing for a key that names a version alone (`course-v1:version@519665f6223ebd6980884f2b`).
    [[nodiscard]] std::optional<std::string_view> org() const;
    /// The course's number; the library's name for a library.
    [[nodiscard]] std::optional<std::string_view> course() const;
    [[nodiscard]] std::optional<std::string_view> run() const;

    friend bool operator==(const CourseKey& a, const CourseKey& b) { return a.str() == b.str(); }
    friend auto operator<=>(const CourseKey& a, const CourseKey& b) { return a.str() <=> b.str(); }

  private:
    using OpaqueKey::OpaqueKey;
};

/// A CCX, a private run of somebody else's course: `ccx-v1:edX+DemoX+2024+ccx@7`.
class CcxLocator : public OpaqueKey {
  public:
    [[nodiscard]] static CcxLocator parse(std::string_view text);

    [[nodiscard]] std::optional<std::string_view> org() const;
    [[nodiscard]] std::optional<std::string_view> course() const;
    [[nodiscard]] std::optional<std::string_view> run() const;
    /// The digits after `ccx@`.
    [[nodiscard]] std::string_view ccx() const;

    friend bool operator==(const CcxLocator& a, const CcxLocator& b) { return a.str() == b.str(); }
    friend auto operator<=>(const CcxLocator& a, const CcxLocator& b) { return a.str() <=> b.str(); }

  private:
    using OpaqueKey::OpaqueKey;
};

/// A block as it is used in a course or library: `block-v1:edX+DemoX+2024+type@problem+block@p1`,
/// `lb:edX:Lib1:problem:p1`, `i4x://edX/DemoX/problem/p1` and other old forms.
class UsageKey : public OpaqueKey {
  public:
    [[nodiscard]] static UsageKey parse(std::string_view text);

    /// `problem`; nothing for an aside's key.
    [[nodiscard]] std::optional<std::string_view> block_type() const;
    [[nodiscard]] std::optional<std::string_view> block_id() const;

    friend bool operator==(const UsageKey& a, const UsageKey& b) { return a.str() == b.str(); }
    friend auto operator<=>(const UsageKey& a, const UsageKey& b) { return a.str() <=> b.str(); }

  private:
    using OpaqueKey::OpaqueKey;
};

/// A content library: `lib:edX:Lib1`.
class LibraryLocatorV2 : public OpaqueKey {
  public:
    [[nodiscard]] static LibraryLocatorV2 parse(std::string_view text);

    [[nodiscard]] std::string_view org() const;
    [[nodiscard]] std::string_view slug() const;

    friend bool operator==(const LibraryLocatorV2& a, const LibraryLocatorV2& b) {
        return a.str() == b.str();
    }
    friend auto operator<=>(const LibraryLocatorV2& a, const LibraryLocatorV2& b) {
        return a.str() <=> b.str();
    }

  private:
    using OpaqueKey::OpaqueKey;
};

/// A block in a content library: `lb:edX:Lib1:problem:p1`.
class LibraryUsageLocatorV2 : public OpaqueKey {
  public:
    [[nodiscard]] static LibraryUsageLocatorV2 parse(std::string_view text);

    [[nodiscard]] LibraryLocatorV2 library_key() const;
    [[nodiscard]] std::string_view block_type() const;
    [[nodiscard]] std::string_view usage_id() const;

    friend bool operator==(const LibraryUsageLocatorV2& a, const LibraryUsageLocatorV2& b) {
        return a.str() == b.str();
    }
    friend auto operator<=>(const LibraryUsageLocatorV2& a, const LibraryUsageLocatorV2& b) {
        return a.str() <=> b.str();
    }

  private:
    using OpaqueKey::OpaqueKey;
};

/// A collection in a content library: `lib-collection:edX:Lib1:c1`.
class LibraryCollectionLocator : public OpaqueKey {
  public:
    [[nodiscard]] static LibraryCollectionLocator parse(std::string_view text);

    [[nodiscard]] LibraryLocatorV2 library_key() const;
    [[nodiscard]] std::string_view collection_id() const;

    friend bool operator==(const LibraryCollectionLocator& a, const LibraryCollectionLocator& b) {
        return a.str() == b.str();
    }
    friend auto operator<=>(const LibraryCollectionLocator& a, const LibraryCollectionLocator& b) {
        return a.str() <=> b.str();
    }

  private:
    using OpaqueKey::OpaqueKey;
};

/// A unit, subsection or section in a content library: `lct:edX:Lib1:unit:u1`.
class LibraryContainerLocator : public OpaqueKey {
  public:
    [[nodiscard]] static LibraryContainerLocator parse(std::string_view text);

    [[nodiscard]] LibraryLocatorV2 library_key() const;
    [[nodiscard]] std::string_view container_type() const;
    [[nodiscard]] std::string_view container_id() const;

    friend bool operator==(const LibraryContainerLocator& a, const LibraryContainerLocator& b) {
        return a.str() == b.str();
    }
    friend auto operator<=>(const LibraryContainerLocator& a, const LibraryContainerLocator& b) {
        return a.str() <=> b.str();
    }

  private:
    using OpaqueKey::OpaqueKey;
};

}  // namespace eventbus

template <class Key>
requires std::derived_from<Key, eventbus::OpaqueKey>
struct std::hash<Key> {
    std::size_t operator()(const Key& key) const noexcept { return std::hash<std::string>{}(key.str()); }
};
