#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "eventbus/broker/broker.hpp"

namespace eventbus {

struct MemoryOptions {
    /// Partitions of a topic that is made by its first event or subscription: 1 to 1024, else InvalidValue.
    std::int32_t partitions = 8;
    /// How long such a topic keeps events.
    Retention retention;
    /// Tells the time, for tests of retention and of starting at a time; empty for the system's clock. Called
    /// from any thread that publishes; must be thread-safe.
    std::function<Timestamp()> clock;
    ConsumerLimits consumer_limits = {};
};

/// A complete bus in the memory of this process, for tests: nothing outlives the process, and other processes
/// cannot reach it. Its events live as long as the broker or anything that it made. A topic is made by its
/// first event or subscription. Events are numbered from 0 in each partition.
[[nodiscard]] std::shared_ptr<Broker> make_memory_broker(MemoryOptions options = {});

}  // namespace eventbus
