#include "eventbus/redis/reply.hpp"

#include <hiredis/read.h>

#include <new>

#include "eventbus/event/error.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus::redis {

namespace {

/// Memory for texts that is kept from reply to reply at most.
constexpr std::size_t most_kept = std::size_t{8} << 20;
/// A reply of a few bytes for each part takes many times their memory.
constexpr std::size_t most_parts = std::size_t{1} << 22;
/// Of a status, an error or a number; it is looked for its end anew with all that comes.
constexpr std::size_t longest_line = std::size_t{64} << 10;

std::string_view name_of(ReplyKind kind) {
    switch (kind) {
        case ReplyKind::nil:
            return "nothing";
        case ReplyKind::status:
            return "a status";
        case ReplyKind::error:
            return "an error";
        case ReplyKind::integer:
            return "a number";
        case ReplyKind::text:
            return "a text";
        case ReplyKind::array:
            return "a list";
    }
    return "something";
}

[[noreturn]] void not_as_expected(std::string_view wanted, ReplyKind kind) {
    throw DecodeError(std::string("the server answered with ")
                          .append(name_of(kind))
                          .append(" where ")
                          .append(wanted)
                          .append(" was expected"));
}

ReplyKind kind_of(int type) {
    switch (type) {
        case REDIS_REPLY_STATUS:
            return ReplyKind::status;
        case REDIS_REPLY_ERROR:
            return ReplyKind::error;
        default:
            return ReplyKind::text;
    }
}

}  // namespace

ReplyKind ReplyView::kind() const { return reply_->nodes_[node_].kind; }

std::string_view ReplyView::text() const {
    const Reply::Node& node = reply_->nodes_[node_];
    if (node.kind != ReplyKind::text && node.kind != ReplyKind::status && node.kind != ReplyKind::error)
        not_as_expected("a text", node.kind);
    return std::string_view(reply_->text_).substr(static_cast<std::size_t>(node.value), node.length);
}

std::int64_t ReplyView::integer() const {
    const Reply::Node& node = reply_->nodes_[node_];
    if (node.kind != ReplyKind::integer) not_as_expected("a number", node.kind);
    return node.value;
}

std::size_t ReplyView::size() const {
    const Reply::Node& node = reply_->nodes_[node_];
    return node.kind == ReplyKind::array ? static_cast<std::size_t>(node.value) : 0;
}

ReplyView ReplyView::first() const { return {reply_, node_ + 1}; }

ReplyView ReplyView::next() const { return {reply_, reply_->nodes_[node_].end}; }

ReplyView ReplyView::operator[](std::size_t index) const {
    if (!is_array()) not_as_expected("a list", kind());
    if (index >= size())
        throw DecodeError("the server answered with a list of " + std::to_string(size()) +
                          " where more was expected");
    ReplyView element = first();
    while (index-- > 0) element = element.next();
    return element;
}

std::ptrdiff_t ReplyView::find(std::string_view name) const {
    ReplyView element = *this;
    for (std::size_t i = 0; i + 1 < size(); i += 2) {
        element = i == 0 ? first() : element.next();
        const bool is_it = element.kind() == ReplyKind::text && element.text() == name;
        element = element.next();
        if (is_it) return static_cast<std::ptrdiff_t>(element.node_);
    }
    return -1;
}

ReplyView ReplyView::value(std::string_view name) const {
    const std::ptrdiff_t found = find(name);
    if (found < 0)
        throw DecodeError(std::string("the server's answer has no ").append(name).append(": it is too old"));
    return {reply_, static_cast<std::size_t>(found)};
}

bool ReplyView::has(std::string_view name) const { return find(name) >= 0; }

void Reply::clear() {
    nodes_.clear();
    if (text_.capacity() > most_kept) {
        text_ = {};
    } else {
        text_.clear();
    }
}

void Reply::complete() {
    for (std::size_t i = nodes_.size(); i-- > 0;) {
        Node& node = nodes_[i];
        node.end = i + 1;
        if (node.kind != ReplyKind::array) continue;
        for (std::int64_t element = 0; element < node.value; ++element) node.end = nodes_[node.end].end;
    }
}

/// What hiredis calls for each thing that it finds, in the order of the bytes. It wants a pointer for each,
/// and takes null for no memory.
struct ReplyReader::Callbacks {
    static void* add(const redisReadTask* task, ReplyKind kind, std::int64_t value, std::size_t length) {
        auto& reply = *static_cast<Reply*>(task->privdata);
        if (reply.nodes_.size() == most_parts) return nullptr;
        reply.nodes_.push_back({kind, value, length, 0});
        return &reply;
    }

    static void* text(const redisReadTask* task, char* bytes, std::size_t length) noexcept {
        try {
            auto& reply = *static_cast<Reply*>(task->privdata);
            const auto at = static_cast<std::int64_t>(reply.text_.size());
            reply.text_.append(bytes, length);
            return add(task, kind_of(task->type), at, length);
        } catch (const std::bad_alloc&) {
            return nullptr;
        }
    }

    static void* array(const redisReadTask* task, int elements) noexcept {
        return leaf(task, ReplyKind::array, elements);
    }

    static void* integer(const redisReadTask* task, long long value) noexcept {
        return leaf(task, ReplyKind::integer, value);
    }

    static void* nil(const redisReadTask* task) noexcept { return leaf(task, ReplyKind::nil, 0); }

    static void* leaf(const redisReadTask* task, ReplyKind kind, std::int64_t value) noexcept {
        try {
            return add(task, kind, value, 0);
        } catch (const std::bad_alloc&) {
            return nullptr;
        }
    }

    static void free_nothing(void* /*object*/) noexcept {}
};

void ReplyReader::Free::operator()(redisReader* reader) const noexcept { redisReaderFree(reader); }

ReplyReader::ReplyReader(std::size_t most_bytes) : most_bytes_(most_bytes) { reset(); }

void ReplyReader::reset() {
    static redisReplyObjectFunctions functions{Callbacks::text, Callbacks::array, Callbacks::integer,
                                               Callbacks::nil, Callbacks::free_nothing};
    reader_.reset(redisReaderCreateWithFunctions(&functions));
    if (reader_ == nullptr) throw std::bad_alloc();
    reader_->privdata = &reply_;
    unread_ = 0;
    reply_.clear();
}

ReplyReader::~ReplyReader() = default;

void ReplyReader::feed(std::span<const char> bytes) {
    unread_ += bytes.size();
    if (unread_ > most_bytes_)
        throw DecodeError("the server's reply is larger than " + std::to_string(most_bytes_) + " bytes");
    if (redisReaderFeed(reader_.get(), bytes.data(), bytes.size()) != REDIS_OK) fail();
}

const Reply* ReplyReader::next() {
    if (reader_->reply == nullptr && reader_->ridx == -1) reply_.clear();
    void* found = nullptr;
    if (redisReaderGetReply(reader_.get(), &found) != REDIS_OK) fail();
    if (found == nullptr) {
        check_line();
        return nullptr;
    }
    unread_ = reader_->len - reader_->pos;
    reply_.complete();
    return &reply_;
}

// The parser stands behind the kind of a part whose line, or whose text, is not all there.
void ReplyReader::check_line() const {
    const std::string_view rest(reader_->buf + reader_->pos, reader_->len - reader_->pos);
    const bool is_in_text = reader_->ridx >= 0 && reader_->rstack[reader_->ridx].type == REDIS_REPLY_STRING;
    constexpr std::size_t longest_length = 32;
    if (is_in_text ? rest.size() > longest_length &&
                         rest.substr(0, longest_length).find('\n') == std::string_view::npos
                   : rest.size() > longest_line)
        throw DecodeError("the server's reply has a line without an end");
}

void ReplyReader::fail() const {
    if (reader_->err == REDIS_ERR_OOM) throw DecodeError("the server's reply has too many parts");
    throw DecodeError("the server's reply is none: " + quote(reader_->errstr));
}

}  // namespace eventbus::redis
