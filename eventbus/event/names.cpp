#include "eventbus/event/names.hpp"

#include <algorithm>
#include <cstdint>

#include "eventbus/event/error.hpp"
#include "eventbus/event/quote.hpp"
#include "eventbus/event/word_characters.hpp"

namespace eventbus {

namespace {

bool is_topic_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

bool is_printable_text(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const char32_t c = next_character(text, at);
        if (c == invalid_character || c < 0x20 || c == 0x7F) return false;
    }
    return true;
}

}  // namespace

TopicName::TopicName(std::string name) : name_(std::move(name)) {
    if (name_.empty()) throw InvalidValue("a topic's name must not be empty");
    if (name_.size() > 249 || name_ == "." || name_ == ".." ||
        !std::all_of(name_.begin(), name_.end(), is_topic_character))
        throw InvalidValue(quote(name_) +
                           " cannot be a topic's name; use 1 to 249 letters, digits, '.', '_' and '-'");
}

TopicName prefixed_topic(std::string_view prefix, std::string_view topic) {
    if (prefix.empty()) return TopicName(std::string(topic));
    if (topic.empty()) throw InvalidValue("a topic's name must not be empty");
    return TopicName(std::string(prefix).append("-").append(topic));
}

GroupName::GroupName(std::string name) : name_(std::move(name)) {
    if (name_.empty()) throw InvalidValue("a consumer group's name must not be empty");
    if (name_.size() > 255 || !is_printable_text(name_))
        throw InvalidValue(
            quote(name_) +
            " cannot be a group's name; use 1 to 255 bytes of UTF-8 without control characters");
}

}  // namespace eventbus
