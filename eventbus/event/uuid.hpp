#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace eventbus {

/// A UUID (RFC 4122): 16 bytes in network order. The default is the nil UUID.
class Uuid {
  public:
    constexpr Uuid() = default;
    constexpr explicit Uuid(const std::array<std::uint8_t, 16>& bytes) : bytes_(bytes) {}

    /// Reads what Python's `uuid.UUID(text)` reads: 32 hexadecimal digits in either case, hyphens anywhere,
    /// braces and a `urn:uuid:` prefix allowed. Throws `InvalidValue`.
    [[nodiscard]] static Uuid parse(std::string_view text);

    /// A new time-based UUID (version 1) with a random node, as the Python package gives each event.
    /// Never the same twice, in this process or another, after a fork as well. Thread-safe.
    [[nodiscard]] static Uuid make_v1();

    /// `8-4-4-4-12` lower-case hexadecimal digits.
    [[nodiscard]] std::string to_string() const;
    /// The same 36 characters written to `buffer`; the view is into `buffer`.
    [[nodiscard]] std::string_view write(std::array<char, 36>& buffer) const;

    [[nodiscard]] constexpr const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }
    friend constexpr auto operator<=>(const Uuid&, const Uuid&) = default;

  private:
    std::array<std::uint8_t, 16> bytes_{};
};

}  // namespace eventbus

template <>
struct std::hash<eventbus::Uuid> {
    std::size_t operator()(const eventbus::Uuid& id) const noexcept;
};
