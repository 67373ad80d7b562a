#pragma once

#include <string_view>
#include <vector>

#include "eventbus/redis/reply.hpp"

namespace eventbus::redis_streams {

/// An entry as XRANGE answers it, made of its id, and of names and values.
class EntryReply {
  public:
    EntryReply(std::string_view id, const std::vector<std::string_view>& words);

    [[nodiscard]] redis::ReplyView view() const { return reply_->view(); }

  private:
    redis::ReplyReader reader_;
    const redis::Reply* reply_;
};

}  // namespace eventbus::redis_streams
