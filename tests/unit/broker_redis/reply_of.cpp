#include "reply_of.hpp"

#include <cstddef>

#include "eventbus/redis/command_buffer.hpp"

namespace eventbus::redis_streams {

EntryReply::EntryReply(std::string_view id, const std::vector<std::string_view>& words)
    : reader_(std::size_t{1} << 20) {
    redis::CommandBuffer bytes;
    bytes.begin(2);
    bytes.word(id);
    bytes.begin(words.size());
    for (const std::string_view word : words) bytes.word(word);
    reader_.feed(bytes.bytes());
    reply_ = reader_.next();
}

}  // namespace eventbus::redis_streams
