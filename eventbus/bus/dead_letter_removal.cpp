#include "eventbus/bus/dead_letter_removal.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "eventbus/bus/dead_letter_log.hpp"
#include "eventbus/event/error.hpp"

namespace eventbus {

namespace {

using Offsets = std::map<Partition, Offset>;

Offsets group_positions(Admin& admin, const TopicName& topic, const GroupName& group) {
    Offsets positions;
    for (const GroupInfo& info : admin.groups(topic))
        if (info.name == group)
            for (const auto& state : info.partitions) positions.emplace(state.partition, state.position);
    return positions;
}

/// The records of a dead-letter topic that must stay, as far as they can be the first of a partition.
class NeededRecords {
  public:
    explicit NeededRecords(Offsets positions) : positions_(std::move(positions)) {}

    void add(const DeadLetterLogEntry& entry) {
        const Position& record = entry.record.position;
        const bool settles = entry.info && entry.info->kind != DeadLetterRecord::letter;
        if (settles && (entry.info->kind == DeadLetterRecord::purge || is_handled(record))) {
            needed_.erase(entry.info->letter);
        } else {
            // One that is not understood stays, too.
            needed_.insert(record);
        }
    }

    [[nodiscard]] Offset first_of(Partition partition, Offset end) const {
        const auto first = needed_.lower_bound({partition, {}});
        if (first == needed_.end() || first->partition != partition) return end;
        return std::min(first->offset, end);
    }

  private:
    [[nodiscard]] bool is_handled(const Position& record) const {
        const auto position = positions_.find(record.partition);
        return position != positions_.end() && record.offset < position->second;
    }

    Offsets positions_;
    std::set<Position> needed_;
};

}  // namespace

void remove_settled_letters(Broker& broker, const TopicName& dead_letter_topic, const GroupName& group) {
    const auto admin = broker.admin();
    // Read before the records, so that nothing is removed that came later.
    const auto topic = admin->topic(dead_letter_topic);
    if (!topic) return;
    NeededRecords needed(group_positions(*admin, dead_letter_topic, group));
    DeadLetterLog log(broker, dead_letter_topic);
    for (auto entries = log.read(); !entries.empty(); entries = log.read()) {
        if (log.began_anew()) return;
        for (const DeadLetterLogEntry& entry : entries) needed.add(entry);
    }
    for (const PartitionInfo& partition : topic->partitions) {
        const Offset first = needed.first_of(partition.partition, partition.end);
        if (partition.begin < first)
            admin->delete_events_before(dead_letter_topic, partition.partition, first);
    }
}

}  // namespace eventbus
