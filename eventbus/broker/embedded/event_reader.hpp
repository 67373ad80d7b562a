#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "eventbus/broker/embedded/sqlite.hpp"
#include "eventbus/broker/embedded/topics.hpp"
#include "eventbus/broker/event.hpp"

namespace eventbus::embedded {

/// How far one scan of a topic goes.
struct ScanLimits {
    std::size_t events = 0;
    std::size_t payload_bytes = 0;
    /// Rows looked at, those of other partitions included.
    std::size_t rows = 0;
};

/// Reads events back. Used by one thread at a time.
class EventReader {
  public:
    /// Whether an event of this partition and offset is wanted.
    using Filter = std::function<bool(std::int32_t partition, std::int64_t offset)>;

    explicit EventReader(Connection& connection);

    /// Appends the wanted events of a topic from `from` on, in order. Returns the offset behind the last row
    /// it looked at, or `from` when there was none.
    std::int64_t scan(const TopicName& name, const Topic& topic, std::int64_t from, const Filter& is_wanted,
                      ScanLimits limits, std::vector<ReceivedEvent>& out);

    /// Forgets the topics' statements: a topic was deleted.
    void forget_topics() { scans_.clear(); }

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
    Statement& scan_of(std::int64_t topic);
    const Kind& kind(std::int64_t id);
    [[nodiscard]] std::shared_ptr<const std::string> share_schema(std::string_view schema) const;
    const Origin& origin(std::int64_t id);
    [[nodiscard]] Headers headers_of(std::span<const std::byte> blob) const;
    ReceivedEvent event_of_row(const TopicName& name, const Statement& row);

    Connection& connection_;
    Statement kind_;
    Statement origin_;
    std::unordered_map<std::int64_t, Statement> scans_;
    std::unordered_map<std::int64_t, Kind> kinds_;
    std::unordered_map<std::int64_t, Origin> origins_;
};

}  // namespace eventbus::embedded
