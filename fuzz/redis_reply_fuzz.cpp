// What a Redis server, or one that is none, answers. It must be read or refused with a DecodeError, and be
// the same replies however its bytes are cut.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

#include "eventbus/event/error.hpp"
#include "eventbus/redis/reply.hpp"

namespace {

using eventbus::redis::Reply;
using eventbus::redis::ReplyKind;
using eventbus::redis::ReplyReader;
using eventbus::redis::ReplyView;

constexpr std::size_t most_bytes = std::size_t{1} << 16U;

void write(const ReplyView& reply, std::string& out) {
    out.push_back(static_cast<char>('0' + static_cast<int>(reply.kind())));
    switch (reply.kind()) {
        case ReplyKind::nil:
            return;
        case ReplyKind::integer:
            out += std::to_string(reply.integer());
            return;
        case ReplyKind::array:
            break;
        default:
            out.append(std::to_string(reply.text().size()) + ":").append(reply.text());
            return;
    }
    out += std::to_string(reply.size()) + "[";
    if (reply.size() > 0) {
        ReplyView element = reply.first();
        for (std::size_t i = 1; i < reply.size(); ++i, element = element.next()) write(element, out);
        write(element, out);
    }
    static_cast<void>(reply.has("name"));
}

/// All replies, up to where the bytes are none.
std::string replies_in(std::span<const char> bytes, std::size_t piece) {
    std::string out;
    try {
        ReplyReader reader(most_bytes);
        while (!bytes.empty()) {
            const auto next = bytes.first(std::min(piece, bytes.size()));
            bytes = bytes.subspan(next.size());
            reader.feed(next);
            while (const Reply* reply = reader.next()) write(reply->view(), out);
        }
    } catch (const eventbus::DecodeError&) {
        out += "!";
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // Of larger ones the limits strike at other places whole than in pieces.
    if (size > most_bytes / 2) return 0;
    const std::span bytes(reinterpret_cast<const char*>(data), size);
    const std::string whole = replies_in(bytes, std::max<std::size_t>(size, 1));
    for (const std::size_t piece : {1U, 2U, 3U, 7U, 64U})
        if (replies_in(bytes, piece) != whole) std::abort();
    return 0;
}
