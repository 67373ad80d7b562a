#pragma once

#include <memory>
#include <optional>

#include "eventbus/broker/redis/options.hpp"
#include "eventbus/broker/redis/read_size.hpp"
#include "eventbus/broker/redis/stream_state.hpp"
#include "eventbus/redis/link.hpp"

namespace eventbus::redis_streams {

/// Reads a stream with XRANGE.
class RedisReader final : public Reader {
  public:
    RedisReader(std::shared_ptr<const Options> options, ReadOptions what);

    [[nodiscard]] std::vector<ReceivedEvent> read(std::size_t most) override;
    [[nodiscard]] std::uint64_t left() override;

  private:
    [[nodiscard]] bool find_topic(redis::Connection& connection);
    [[nodiscard]] std::string end() const;

    std::shared_ptr<const Options> options_;
    ReadOptions what_;
    redis::Link link_;
    ReadSize size_;
    /// What was found last, if the stream was there.
    std::optional<StreamState> stream_;
    /// The id behind which the next read begins, once the topic was found.
    std::optional<Offset> position_;
    /// The last id to read, if there is an end.
    std::optional<Offset> last_;
};

}  // namespace eventbus::redis_streams
