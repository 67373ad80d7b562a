#include "eventbus/bus/dead_letter_topic.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>

#include "eventbus/broker/partitioner.hpp"

namespace eventbus {

namespace {

constexpr std::size_t longest_name = 249;
constexpr std::size_t hash_digits = 8;
constexpr std::size_t longest_topic_part = 160;
constexpr std::size_t longest_group_part =
    longest_name - longest_topic_part - dead_letter_separator.size() - 1 - hash_digits;

std::string joined(std::string_view topic, std::string_view group) {
    return std::string(topic).append(dead_letter_separator).append(group);
}

bool is_unambiguous(const std::string& name) {
    return name.find(dead_letter_separator) == name.rfind(dead_letter_separator);
}

bool is_topic_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

std::string hash_of(const TopicName& topic, const GroupName& group) {
    // Neither name has a NUL in it.
    const std::uint32_t hash = murmur2(topic.str() + '\0' + group.str());
    std::array<char, hash_digits> digits{};
    const char* end = std::to_chars(digits.data(), digits.data() + digits.size(), hash, 16).ptr;
    const std::string text(digits.data(), static_cast<std::size_t>(end - digits.data()));
    return std::string(hash_digits - text.size(), '0') + text;
}

}  // namespace

TopicName dead_letter_topic(const TopicName& topic, const GroupName& group) {
    const bool fits_name = std::ranges::all_of(group.str(), is_topic_character);
    if (std::string name = joined(topic.str(), group.str());
        fits_name && name.size() <= longest_name && is_unambiguous(name))
        return TopicName(std::move(name));
    std::string group_part = group.str().substr(0, longest_group_part);
    std::ranges::replace_if(
        group_part, [](char c) { return !is_topic_character(c); }, '_');
    return TopicName(joined(topic.str().substr(0, longest_topic_part), group_part) + "-" +
                     hash_of(topic, group));
}

bool may_hold_dead_letters(const TopicName& topic) {
    return topic.str().find(dead_letter_separator) != std::string::npos;
}

}  // namespace eventbus
