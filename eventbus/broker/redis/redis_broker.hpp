#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "eventbus/broker/broker.hpp"

namespace eventbus {

struct RedisOptions {
    /// As EVENT_BUS_REDIS_CONNECTION_URL: `redis://user:password@host:6379/0`, `rediss://`, `unix://`,
    /// `redis+sentinel://`.
    std::string url = "redis://localhost:6379/0";
    /// About how many events a topic keeps; the oldest beyond it are trimmed. Dead letters are not.
    std::uint64_t stream_max_len = 10'000;
    /// How long a publish waits for a server that is away or refuses for the time being.
    std::chrono::milliseconds patience{5'000};
    /// Replicas that must have an event before a publish succeeds (WAIT), and how long it waits for them.
    std::uint32_t replicas = 0;
    std::chrono::milliseconds replicas_timeout{1'000};
    /// All members of a group take events at once, as the Python consumers do; else one at a time takes them
    /// and the others stand by, so that events of a key are handled in order.
    bool members_share_events = false;
    /// After how long without a sign of life another member takes the place of the one that takes events.
    std::chrono::milliseconds lease{15'000};
    /// After how long an event that a member was given and has not acknowledged goes to another. Members of
    /// this library that live keep theirs, however long they take; Python consumers give no such sign.
    std::chrono::milliseconds claim_after{60'000};
    /// How long one read waits at the server at most.
    std::chrono::milliseconds poll_timeout{60'000};
    /// A log line for every event that is sent and received.
    bool audit = false;
    /// How long the end of a publisher waits for what is enqueued.
    std::chrono::milliseconds close_limit{10'000};
    /// The most events that `enqueue` holds.
    std::size_t queue_limit = 10'000;
    ConsumerLimits consumer_limits = {};
    LogSink log = {};
};

/// The bus on Redis Streams (Redis 7.0 and newer), on the wire of edx-event-bus-redis: a stream for each
/// topic, one partition each.
///
/// Promises: an event whose `publish` succeeded is in the server's memory, and as durable as the server's own
/// settings make it (appendfsync, replicas). A publish whose connection breaks fails: the event may be stored
/// or not. What a member was given and has not acknowledged is given to another when it leaves or dies. What
/// the server lost, or trimmed before a group read it, is noticed and logged. A process that forks may go on
/// using the broker and what it made in the child.
/// Throws SettingsError for a URL that is none.
[[nodiscard]] std::shared_ptr<Broker> make_redis_broker(RedisOptions options);

/// The same as the EVENT_BUS_REDIS_* settings say.
[[nodiscard]] std::shared_ptr<Broker> make_redis_broker(const Settings& settings, LogSink log);

}  // namespace eventbus
