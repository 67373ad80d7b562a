#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "eventbus/broker/broker.hpp"
#include "eventbus/bus/dead_letter.hpp"

namespace eventbus {

/// A record of a dead-letter topic as it was read.
struct DeadLetterLogEntry {
    ReceivedEvent record;
    /// Nothing when the record is none that is understood here; then `problem` says why.
    std::optional<DeadLetterRecordInfo> info;
    std::string problem;
};

/// Reads a dead-letter topic from its first record on, each once, in the order of each partition. One thread
/// at a time.
class DeadLetterLog {
  public:
    /// `to` is as in ReadOptions.
    DeadLetterLog(Broker& broker, TopicName topic, std::optional<StartAt> to = {});

    /// What is stored and was not read yet, some of it; empty when there is nothing more. Throws BrokerError.
    [[nodiscard]] std::vector<DeadLetterLogEntry> read();
    /// Whether the topic was found to be made anew by the last `read`: what was read before is gone.
    [[nodiscard]] bool began_anew() const { return began_anew_; }
    /// The last offset that was read of a partition; nothing when there was none.
    [[nodiscard]] std::optional<Offset> last_read(Partition partition) const;
    /// Records that are stored and were not read yet.
    [[nodiscard]] std::uint64_t left() { return reader_->left(); }

  private:
    /// With the largest payloads this is what is held at a time.
    static constexpr std::size_t most_records = 500;

    std::unique_ptr<Reader> reader_;
    std::map<Partition, Offset> last_;
    bool began_anew_ = false;
};

}  // namespace eventbus
