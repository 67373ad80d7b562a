#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "eventbus/broker/event.hpp"
#include "eventbus/broker/subscription.hpp"

namespace eventbus {

/// What to read without a group.
struct ReadOptions {
    /// A topic that does not exist yet reads as empty until it does.
    TopicName topic;
    /// Latest is pinned when the reader is made; partitions that an AfterId does not name are read from their
    /// oldest event.
    StartAt from = Earliest{};
    /// Where it ends, pinned when the topic is first found: before the event that a reader from there would
    /// begin with, so Latest ends with what is stored then, and an AfterId with the event of that id; so do
    /// partitions that it does not name end with what is stored. Unset: goes on with what is stored later.
    std::optional<StartAt> to = {};
};

/// Reads the events of a topic without a group: nothing is acknowledged, no group notices, and nothing is
/// left behind. A topic that is deleted and made anew is read from where the options say; Latest is its first
/// event then. Used by one thread at a time.
class Reader {
  public:
    Reader() = default;
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    virtual ~Reader() = default;

    /// Up to `most` events that are stored now, in order within each partition; empty when all that is stored
    /// has been read, or all up to the end that was asked for. A later call goes on with what was stored
    /// since; what was removed meanwhile is skipped. Does not wait. Throws BrokerError, after which the call
    /// may be repeated; InvalidValue when the topic was not there before and the AfterId to start from is no
    /// position of it.
    [[nodiscard]] virtual std::vector<ReceivedEvent> read(std::size_t most) = 0;

    /// Events that are stored now, up to the end that was asked for, and not read yet. Throws as `read`.
    [[nodiscard]] virtual std::uint64_t left() = 0;
};

}  // namespace eventbus
