#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eventbus/broker/admin.hpp"
#include "eventbus/broker/memory/consumer_group.hpp"
#include "eventbus/broker/memory/topic_log.hpp"
#include "eventbus/broker/publisher.hpp"
#include "eventbus/broker/reader.hpp"

namespace eventbus::memory {

/// How far a topic has been read without a group.
struct ReadPosition {
    /// 0 for a topic that is not there.
    std::uint64_t topic = 0;
    /// Next offset of each partition.
    std::vector<std::uint64_t> offsets;
    /// Where each ends.
    std::vector<std::uint64_t> ends;
};

/// All that a memory broker holds. Thread-safe.
class Store {
  public:
    Store(const TopicOptions& defaults, std::function<Timestamp()> clock);

    /// Events with the same schema share one string; null for an empty one.
    [[nodiscard]] std::shared_ptr<const std::string> share_schema(std::string_view schema);
    /// Stores the event, whose `stored_at` is set here. Makes the topic when needed.
    Position append(const TopicName& topic, StoredEvent event);

    /// Joins the group, and makes the topics when needed. Returns the member's id. Throws InvalidValue.
    [[nodiscard]] std::uint64_t join(const SubscribeOptions& options, std::shared_ptr<WakeSignal> signal);
    void leave(const GroupName& group, std::uint64_t member);
    [[nodiscard]] std::vector<HandedOut> take(const GroupName& group, std::uint64_t member, std::size_t most);
    void acknowledge(const GroupName& group, std::uint64_t member, std::span<const Receipt> receipts);
    [[nodiscard]] std::vector<PartitionLag> lag(const GroupName& group, std::uint64_t member) const;

    /// What is stored from `position` on, which is moved behind it. A position in another topic than the one
    /// of this name is put to where the options say first.
    [[nodiscard]] std::vector<HandedOut> read(const ReadOptions& options, ReadPosition& position,
                                              std::size_t most) const;
    /// How many events `read` would give, position and all.
    [[nodiscard]] std::uint64_t left(const ReadOptions& options, ReadPosition& position) const;

    /// As the functions of Admin.
    [[nodiscard]] std::vector<TopicInfo> topics() const;
    [[nodiscard]] std::optional<TopicInfo> topic(const TopicName& name) const;
    void create_topic(const TopicName& name, const TopicOptions& options);
    void delete_topic(const TopicName& name);
    void delete_events_before(const TopicName& name, Partition partition, const Offset& before);
    [[nodiscard]] std::vector<GroupInfo> groups(const TopicName& topic) const;
    void move_group(const TopicName& topic, const GroupName& group, const StartAt& to);

  private:
    struct TextLess {
        using is_transparent = void;
        bool operator()(std::string_view a, std::string_view b) const { return a < b; }
        bool operator()(const std::shared_ptr<const std::string>& a, std::string_view b) const {
            return *a < b;
        }
        bool operator()(std::string_view a, const std::shared_ptr<const std::string>& b) const {
            return a < *b;
        }
        bool operator()(const std::shared_ptr<const std::string>& a,
                        const std::shared_ptr<const std::string>& b) const {
            return *a < *b;
        }
    };

    /// The topic to read; null when it is not there.
    [[nodiscard]] const TopicLog* find(const ReadOptions& options, ReadPosition& position) const;
    TopicLog& topic_for(const TopicName& name);
    TopicLog& make_topic(const TopicName& name, const TopicOptions& options);
    void move_group(TopicLog& topic, ConsumerGroup& group, const StartAt& to);

    const TopicOptions defaults_;
    const std::function<Timestamp()> clock_;
    mutable std::mutex mutex_;
    std::map<TopicName, TopicLog> topics_;
    std::map<GroupName, ConsumerGroup> groups_;
    std::set<std::shared_ptr<const std::string>, TextLess> schemas_;
    std::uint64_t last_member_ = 0;
    std::uint64_t last_topic_ = 0;
};

}  // namespace eventbus::memory
