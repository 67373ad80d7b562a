#pragma once

#include <string_view>

#include "eventbus/broker/redis/redis_broker.hpp"
#include "eventbus/redis/connect_options.hpp"

namespace eventbus::redis_streams {

/// What all parts of a broker share.
struct Options : RedisOptions {
    /// Throws SettingsError.
    explicit Options(RedisOptions given);

    void write_log(LogLevel level, std::string_view message) const;

    redis::ConnectOptions server;
};

}  // namespace eventbus::redis_streams
