#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "eventbus/broker/embedded/row.hpp"
#include "eventbus/broker/embedded/sqlite.hpp"
#include "eventbus/broker/event.hpp"

namespace eventbus::embedded {

/// Reads events back. Used by one thread at a time.
class EventReader {
  public:
    explicit EventReader(Connection& connection);

    /// Appends up to `most` events of a partition from `offset` on, in order, and at most about `most_bytes`
    /// of payload (but one event at least).
    void read(const TopicName& topic, Partition number, PartitionId partition, std::int64_t offset,
              std::size_t most, std::size_t most_bytes, std::vector<ReceivedEvent>& out);

  private:
    struct Kind {
        std::string type;
        std::int32_t minorversion = 0;
        std::shared_ptr<const std::string> schema;
    };
    struct Origin {
        std::string source;
        std::string sourcehost;
        std::string sourcelib;
    };
    const Kind& kind(std::int64_t id);
    const Origin& origin(std::int64_t id);
    ReceivedEvent event_of_row(const TopicName& topic, Partition number);

    Statement events_;
    Statement kind_;
    Statement origin_;
    std::unordered_map<std::int64_t, Kind> kinds_;
    std::unordered_map<std::int64_t, Origin> origins_;
};

}  // namespace eventbus::embedded
