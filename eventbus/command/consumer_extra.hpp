#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "eventbus/bus/consumer.hpp"

namespace eventbus {

/// What `--extra` of consume_events says: the members that the Open edX consumers take, of whatever
/// technology. They mean the same on every backend.
struct ConsumerExtra {
    /// A group without a position starts at the earliest event, whatever EVENT_BUS_CONSUMER_START says.
    bool check_backlog = false;
    /// The whole group moves to this time first.
    std::optional<Timestamp> offset_time;
    /// The whole group moves behind this position first.
    std::optional<std::string> last_read_msg_id;
    /// Name of the member.
    std::string consumer_name;
    /// Milliseconds after which what a member was given and has not acknowledged goes to another; of meaning
    /// on Redis, where it stands in for EVENT_BUS_REDIS_CONSUMER_CLAIM_AFTER.
    std::optional<std::int64_t> claim_msgs_older_than;

    /// Writes what was said into the options.
    void apply(ConsumeOptions& options) const;
};

/// Reads a JSON object; members that are null count as left out. Throws CommandError (usage) for what is no
/// such object, for an unknown member, naming the known ones, for a wrong value, and for two places to move
/// to.
[[nodiscard]] ConsumerExtra parse_consumer_extra(std::string_view json);

}  // namespace eventbus
