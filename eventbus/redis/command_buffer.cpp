#include "eventbus/redis/command_buffer.hpp"

#include <array>
#include <charconv>

namespace eventbus::redis {

namespace {

constexpr std::string_view line_end = "\r\n";
/// Memory that is kept from use to use at most.
constexpr std::size_t most_kept = std::size_t{4} << 20;

}  // namespace

void CommandBuffer::header(char kind, std::uint64_t count) {
    std::array<char, 24> text{kind};
    char* const end = std::to_chars(text.data() + 1, text.data() + text.size(), count).ptr;
    buffer_.append(text.data(), end).append(line_end);
}

void CommandBuffer::begin(std::size_t words) {
    header('*', words);
    ++commands_;
}

void CommandBuffer::word(std::string_view text) {
    header('$', text.size());
    buffer_.append(text).append(line_end);
}

void CommandBuffer::word(std::span<const std::byte> bytes) {
    header('$', bytes.size());
    const std::size_t at = buffer_.size();
    buffer_.resize(at + bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i) buffer_[at + i] = static_cast<char>(bytes[i]);
    buffer_.append(line_end);
}

void CommandBuffer::word(std::int64_t number) {
    std::array<char, 24> text{};
    char* const end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
    word(std::string_view(text.data(), end));
}

void CommandBuffer::add(std::initializer_list<std::string_view> words) {
    begin(words.size());
    for (const std::string_view text : words) word(text);
}

void CommandBuffer::clear() {
    if (buffer_.capacity() > most_kept) {
        buffer_ = {};
    } else {
        buffer_.clear();
    }
    commands_ = 0;
}

}  // namespace eventbus::redis
