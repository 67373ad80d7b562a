#include "eventbus/broker/redis/options.hpp"

#include <utility>

namespace eventbus::redis_streams {

Options::Options(RedisOptions given)
    : RedisOptions(std::move(given)), server(redis::parse_connection_url(url)) {}

void Options::write_log(LogLevel level, std::string_view message) const {
    if (log) log(level, message);
}

}  // namespace eventbus::redis_streams
