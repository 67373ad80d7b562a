#include "eventbus/command/quantity.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "eventbus/event/error.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

struct Unit {
    std::string_view name;
    std::uint64_t size;
};

constexpr auto time_units = std::to_array<Unit>(
    {{"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}});
constexpr std::uint64_t kibi = 1024;
constexpr auto byte_units = std::to_array<Unit>({{"", 1},
                                                 {"B", 1},
                                                 {"K", kibi},
                                                 {"KiB", kibi},
                                                 {"M", kibi* kibi},
                                                 {"MiB", kibi* kibi},
                                                 {"G", kibi* kibi* kibi},
                                                 {"GiB", kibi* kibi* kibi},
                                                 {"T", kibi* kibi* kibi* kibi},
                                                 {"TiB", kibi* kibi* kibi* kibi}});

/// The number and the unit after it; nothing when there is no such number or unit.
template <class Units>
std::optional<std::pair<double, std::uint64_t>> split(std::string_view text, const Units& units) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + digits, number);
    if (digits == 0 || error != std::errc{} || end != text.data() + digits) return std::nullopt;
    const std::string_view name = text.substr(digits);
    const auto* unit =
        std::find_if(units.begin(), units.end(), [&](const Unit& u) { return u.name == name; });
    if (unit == units.end()) return std::nullopt;
    return std::pair{number, unit->size};
}

}  // namespace

std::chrono::milliseconds parse_duration(std::string_view text) {
    constexpr double a_century = 3'153'600'000'000;
    const auto parts = split(text, time_units);
    const double milliseconds = parts ? parts->first * static_cast<double>(parts->second) : -1;
    if (milliseconds < 0 || milliseconds > a_century)
        throw InvalidValue(
            quote(text) +
            " is no time span; write seconds (90, 1.5) or a unit (500ms, 30s, 10m, 12h, 7d), at most a "
            "century");
    return std::chrono::milliseconds(static_cast<std::int64_t>(milliseconds + 0.5));
}

std::uint64_t parse_bytes(std::string_view text) {
    constexpr double most = 9e18;
    const auto parts = split(text, byte_units);
    const double bytes = parts ? parts->first * static_cast<double>(parts->second) : -1;
    if (bytes < 0 || bytes > most)
        throw InvalidValue(quote(text) + " is no number of bytes; write 1048576, 512K, 10M or 2G");
    return static_cast<std::uint64_t>(bytes);
}

}  // namespace eventbus
