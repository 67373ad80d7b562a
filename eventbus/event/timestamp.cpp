#include "eventbus/event/timestamp.hpp"

#include <cstdint>
#include <optional>

#include "eventbus/event/error.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::microseconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void put(char*& to, unsigned value, int width) {
    for (int i = width - 1; i >= 0; --i) {
        to[i] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
    to += width;
}

// Reads text from the left; every failed read leaves `ok` false and what follows harmless.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_(text) {}

    [[nodiscard]] bool at_end() const { return text_.empty(); }
    [[nodiscard]] char peek() const { return text_.empty() ? '\0' : text_.front(); }

    bool skip(char c) {
        if (peek() != c) return false;
        text_.remove_prefix(1);
        return true;
    }

    std::optional<unsigned> number(std::size_t width) {
        if (text_.size() < width) return std::nullopt;
        unsigned value = 0;
        for (std::size_t i = 0; i < width; ++i) {
            if (!is_digit(text_[i])) return std::nullopt;
            value = value * 10 + static_cast<unsigned>(text_[i] - '0');
        }
        text_.remove_prefix(width);
        return value;
    }

    // Digits of a fraction as microseconds; those behind the sixth are dropped.
    std::optional<unsigned> fraction() {
        if (!is_digit(peek())) return std::nullopt;
        unsigned value = 0;
        int digits = 0;
        for (; is_digit(peek()); text_.remove_prefix(1)) {
            if (digits == 6) continue;
            value = value * 10 + static_cast<unsigned>(peek() - '0');
            ++digits;
        }
        for (; digits < 6; ++digits) value *= 10;
        return value;
    }

  private:
    std::string_view text_;
};

struct ClockTime {
    unsigned hours = 0;
    unsigned minutes = 0;
    unsigned seconds = 0;
    unsigned micros = 0;

    [[nodiscard]] bool in_range() const { return hours < 24 && minutes < 60 && seconds < 60; }
    [[nodiscard]] microseconds since_midnight() const {
        return std::chrono::hours(hours) + std::chrono::minutes(minutes) + std::chrono::seconds(seconds) +
               microseconds(micros);
    }
};

// HH, HH:MM, HH:MM:SS with an optional fraction, or the same without colons. A fraction may follow any field.
std::optional<ClockTime> read_clock_time(std::string_view text) {
    Scanner in(text);
    ClockTime time;
    bool has_colons = false;
    unsigned* const fields[] = {&time.hours, &time.minutes, &time.seconds};
    for (int i = 0; i < 3; ++i) {
        const auto value = in.number(2);
        if (!value) return std::nullopt;
        *fields[i] = *value;
        if (in.at_end()) return time;
        if (i == 0) has_colons = in.peek() == ':';
        if (in.peek() == '.' || in.peek() == ',') break;
        if (i == 2) return std::nullopt;
        if (has_colons && !in.skip(':')) return std::nullopt;
    }
    if (!in.skip('.') && !in.skip(',')) return std::nullopt;
    const auto micros = in.fraction();
    if (!micros || !in.at_end()) return std::nullopt;
    time.micros = *micros;
    return time;
}

std::optional<sys_days> week_date(unsigned year, unsigned week, unsigned day) {
    if (week < 1 || week > 53 || day < 1 || day > 7) return std::nullopt;
    const auto monday_of_week_one = [](unsigned y) {
        // The week with the year's 4th of January.
        const sys_days fourth = std::chrono::year(static_cast<int>(y)) / std::chrono::January / 4;
        return fourth - (std::chrono::weekday(fourth) - std::chrono::Monday);
    };
    const sys_days date = monday_of_week_one(year) + days((week - 1) * 7 + day - 1);
    const sys_days monday = monday_of_week_one(year) + days((week - 1) * 7);
    if (week == 53 && monday >= monday_of_week_one(year + 1)) return std::nullopt;
    return date;
}

// YYYY-MM-DD, YYYYMMDD, YYYY-Www, YYYYWww, YYYY-Www-D, YYYYWwwD.
std::optional<sys_days> read_date(std::string_view text) {
    Scanner in(text);
    const auto year = in.number(4);
    if (!year || *year < 1) return std::nullopt;
    const bool has_hyphens = in.skip('-');
    if (in.skip('W')) {
        const auto week = in.number(2);
        if (!week) return std::nullopt;
        if (in.at_end()) return week_date(*year, *week, 1);
        if (has_hyphens && !in.skip('-')) return std::nullopt;
        const auto day = in.number(1);
        if (!day || !in.at_end()) return std::nullopt;
        return week_date(*year, *week, *day);
    }
    const auto month = in.number(2);
    if (!month || (has_hyphens && !in.skip('-'))) return std::nullopt;
    const auto day = in.number(2);
    if (!day || !in.at_end()) return std::nullopt;
    const year_month_day date{std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                              std::chrono::day(*day)};
    if (!date.ok()) return std::nullopt;
    return sys_days(date);
}

// Where the date ends: Python's way of telling apart the forms, which is needed since any character may
// separate.
std::size_t date_length(std::string_view text) {
    const auto digit_at = [&](std::size_t i) { return i < text.size() && is_digit(text[i]); };
    if (text.size() == 7) return 7;
    if (text[4] == '-') {
        if (text[5] != 'W') return 10;
        if (text.size() > 8 && text[8] == '-') return text.size() > 10 && digit_at(10) ? 8 : 10;
        return 8;
    }
    if (text[4] != 'W') return 8;
    std::size_t at = 7;
    while (digit_at(at)) ++at;
    if (at < 9) return at;
    return at % 2 == 0 ? 7 : 8;
}

std::size_t character_length(char lead) {
    const auto byte = static_cast<std::uint8_t>(lead);
    return byte < 0x80 ? 1 : byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
}

// A clock time, then nothing, `Z`, or a sign and an offset; as the time since midnight UTC.
std::optional<microseconds> read_time_of_day(std::string_view text) {
    const std::size_t zone = text.find_first_of("+-Z");
    const auto time = read_clock_time(text.substr(0, zone));
    if (!time || !time->in_range()) return std::nullopt;
    if (zone == std::string_view::npos) return time->since_midnight();
    if (text[zone] == 'Z')
        return zone + 1 == text.size() ? std::optional(time->since_midnight()) : std::nullopt;
    auto offset = read_clock_time(text.substr(zone + 1));
    if (!offset || !offset->in_range()) return std::nullopt;
    // Python takes an offset of less than a second for none.
    if (offset->since_midnight() < std::chrono::seconds(1)) offset->micros = 0;
    return text[zone] == '+' ? time->since_midnight() - offset->since_midnight()
                             : time->since_midnight() + offset->since_midnight();
}

std::optional<Timestamp> read_timestamp(std::string_view text) {
    if (text.size() < 7 || text.size() > 64) return std::nullopt;
    const std::size_t length = date_length(text);
    const auto date = read_date(text.substr(0, length));
    if (!date) return std::nullopt;
    if (length >= text.size()) return Timestamp(*date);
    const std::size_t separator = character_length(text[length]);
    if (length + separator > text.size()) return std::nullopt;
    const auto time = read_time_of_day(text.substr(length + separator));
    if (!time) return std::nullopt;
    return Timestamp(*date) + *time;
}

bool is_representable(Timestamp time) {
    const int year = static_cast<int>(year_month_day(floor<days>(time)).year());
    return year >= 1 && year <= 9999;
}

}  // namespace

Timestamp now() { return floor<microseconds>(std::chrono::system_clock::now()); }

std::string_view write_iso8601(Timestamp time, std::array<char, 40>& buffer) {
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const int year = static_cast<int>(date.year());
    if (year < 1 || year > 9999)
        throw InvalidValue("a time outside the years 1 to 9999 has no ISO 8601 form here");
    const auto micros = static_cast<std::uint64_t>((time - day).count());
    const auto seconds = static_cast<unsigned>(micros / 1'000'000);
    const auto fraction = static_cast<unsigned>(micros % 1'000'000);
    char* to = buffer.data();
    put(to, static_cast<unsigned>(year), 4);
    *to++ = '-';
    put(to, static_cast<unsigned>(date.month()), 2);
    *to++ = '-';
    put(to, static_cast<unsigned>(date.day()), 2);
    *to++ = 'T';
    put(to, seconds / 3600, 2);
    *to++ = ':';
    put(to, seconds / 60 % 60, 2);
    *to++ = ':';
    put(to, seconds % 60, 2);
    if (fraction != 0) {
        *to++ = '.';
        put(to, fraction, 6);
    }
    for (const char c : std::string_view("+00:00")) *to++ = c;
    return {buffer.data(), static_cast<std::size_t>(to - buffer.data())};
}

std::string to_iso8601(Timestamp time) {
    std::array<char, 40> buffer;
    return std::string(write_iso8601(time, buffer));
}

Timestamp parse_iso8601(std::string_view text) {
    const auto time = read_timestamp(text);
    if (!time || !is_representable(*time))
        throw InvalidValue(quote(text) +
                           " is not an ISO 8601 time; one looks like 2021-06-09T14:12:45.320819+00:00");
    return *time;
}

}  // namespace eventbus
