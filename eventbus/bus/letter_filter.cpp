#include "eventbus/bus/letter_filter.hpp"

#include <algorithm>
#include <string_view>

namespace eventbus {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool contains(std::string_view text, std::string_view part) {
    const auto is_same = [](char a, char b) { return lower(a) == lower(b); };
    return std::search(text.begin(), text.end(), part.begin(), part.end(), is_same) != text.end() ||
           part.empty();
}

template <class Value>
bool is_or_any(const std::optional<Value>& wanted, const Value& value) {
    return !wanted || *wanted == value;
}

}  // namespace

bool LetterFilter::matches(const Position& position, const DeadLetter& letter) const {
    if (!letters.empty() && std::ranges::find(letters, position) == letters.end()) return false;
    const Failure& failure = letter.failure;
    if (!is_or_any(type, letter.event.metadata.event_type) || !is_or_any(reason, failure.reason) ||
        !is_or_any(handler, failure.handler))
        return false;
    if (key && letter.event.key != key) return false;
    if (since && failure.last_try < *since) return false;
    if (until && failure.last_try >= *until) return false;
    return !error || contains(failure.error, *error);
}

}  // namespace eventbus
