#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "eventbus/broker/broker.hpp"

namespace eventbus {

/// What an embedded bus waits for when it stores: the disk, or the operating system.
enum class EmbeddedSync { full, normal, off };

struct EmbeddedOptions {
    /// The file; made when it is not there. Two more stand beside it, `-wake` and `-members`, and SQLite's
    /// own.
    std::string path;
    /// What a topic gets that is made by its first event.
    TopicOptions new_topic{.partitions = 8, .retention = {}};
    EmbeddedSync sync = EmbeddedSync::full;
    /// How long a call waits for other processes that are writing before it fails, retriably.
    std::chrono::milliseconds patience{10'000};
    /// How long the end of a publisher waits for what is enqueued.
    std::chrono::milliseconds close_limit{10'000};
    /// How often a publisher that is used looks for events of any topic to remove.
    std::chrono::milliseconds retention_interval{1'000};
    /// The most events that `enqueue` holds.
    std::size_t queue_limit = 10'000;
    ConsumerLimits consumer_limits = {};
    /// The time of storing, for tests of retention and of starting at a time.
    std::function<Timestamp()> clock = now;
    LogSink log;
};

/// The bus in one SQLite file, for any number of processes of one machine at once, on a local file system.
///
/// Promises: an event whose `publish` succeeded survives the death of any process, and with
/// `EmbeddedSync::full` a power cut. Members that die lose their partitions to others within about a second;
/// members that live keep theirs however slow they are. A process that forks may go on using the broker and
/// what it made in the child: the file is opened anew there, and a subscription becomes a new member. A fork
/// waits for what other threads are storing.
[[nodiscard]] std::shared_ptr<Broker> make_embedded_broker(EmbeddedOptions options);

/// The same as the EVENT_BUS_EMBEDDED_* settings say.
[[nodiscard]] std::shared_ptr<Broker> make_embedded_broker(const Settings& settings, LogSink log);

}  // namespace eventbus
