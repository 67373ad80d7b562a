#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct redisReader;

namespace eventbus::redis {

enum class ReplyKind : std::uint8_t { nil, status, error, integer, text, array };

class Reply;

/// A part of a reply, or all of it. A view: valid until the reader that it came from reads again.
class ReplyView {
  public:
    [[nodiscard]] ReplyKind kind() const;
    [[nodiscard]] bool is_nil() const { return kind() == ReplyKind::nil; }
    [[nodiscard]] bool is_error() const { return kind() == ReplyKind::error; }
    [[nodiscard]] bool is_array() const { return kind() == ReplyKind::array; }
    /// The bytes of a text, a status or an error. Throws DecodeError for another kind.
    [[nodiscard]] std::string_view text() const;
    /// Throws DecodeError for another kind.
    [[nodiscard]] std::int64_t integer() const;

    /// Elements of an array; 0 for any other kind.
    [[nodiscard]] std::size_t size() const;
    /// The first element of an array that has one, and from an element the next one of the same array: for
    /// walking, as what stands inside is skipped at once.
    [[nodiscard]] ReplyView first() const;
    [[nodiscard]] ReplyView next() const;
    /// An element by number. Throws DecodeError when there is none. Walks from the first.
    [[nodiscard]] ReplyView operator[](std::size_t index) const;
    /// The value behind a name, in an array of names and values as the XINFO commands answer. Throws
    /// DecodeError when it is not there.
    [[nodiscard]] ReplyView value(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const;

  private:
    friend class Reply;
    ReplyView(const Reply* reply, std::size_t node) : reply_(reply), node_(node) {}
    [[nodiscard]] std::ptrdiff_t find(std::string_view name) const;

    const Reply* reply_;
    std::size_t node_;
};

/// One reply of a server as a tree, in memory that is kept from reply to reply.
class Reply {
  public:
    [[nodiscard]] ReplyView view() const { return {this, 0}; }
    /// Bytes that the reply's texts take.
    [[nodiscard]] std::size_t bytes() const { return text_.size(); }

  private:
    friend class ReplyReader;
    friend class ReplyView;
    struct Node {
        ReplyKind kind;
        /// Of an integer its value, of an array its size, of a text where it begins in `text_`.
        std::int64_t value;
        std::size_t length;
        /// The node behind this one and all that is inside.
        std::size_t end;
    };

    void clear();
    void complete();

    std::vector<Node> nodes_;
    std::string text_;
};

/// Makes replies of a server's bytes (RESP2). The parser is hiredis'; what it finds goes into memory that is
/// used again. A reply larger than the limit is an error, so that a server cannot take all memory.
class ReplyReader {
  public:
    explicit ReplyReader(std::size_t most_bytes);
    ReplyReader(const ReplyReader&) = delete;
    ReplyReader& operator=(const ReplyReader&) = delete;
    ~ReplyReader();

    /// Takes bytes in. Throws DecodeError when the reply becomes too large.
    void feed(std::span<const char> bytes);
    /// The next reply, valid until the next call; null when its bytes are not all there. Throws DecodeError
    /// for bytes that are no reply.
    [[nodiscard]] const Reply* next();
    /// Forgets all bytes, for those of another connection.
    void reset();

  private:
    struct Callbacks;
    struct Free {
        void operator()(redisReader* reader) const noexcept;
    };

    void check_line() const;
    [[noreturn]] void fail() const;

    std::size_t most_bytes_;
    std::size_t unread_ = 0;
    Reply reply_;
    std::unique_ptr<redisReader, Free> reader_;
};

}  // namespace eventbus::redis
