#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace eventbus::redis {

/// Commands in RESP, one after the other, ready to be sent. Keeps its memory from use to use.
class CommandBuffer {
  public:
    /// Begins a command of so many words, which must follow.
    void begin(std::size_t words);
    void word(std::string_view text);
    void word(std::span<const std::byte> bytes);
    /// As decimal digits.
    void word(std::int64_t number);

    /// A whole command.
    void add(std::initializer_list<std::string_view> words);

    [[nodiscard]] std::span<const char> bytes() const { return buffer_; }
    [[nodiscard]] bool empty() const { return buffer_.empty(); }
    /// Commands begun since the last `clear`.
    [[nodiscard]] std::size_t commands() const { return commands_; }
    void clear();

  private:
    void header(char kind, std::uint64_t count);

    std::string buffer_;
    std::size_t commands_ = 0;
};

}  // namespace eventbus::redis
