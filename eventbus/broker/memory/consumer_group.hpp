#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "eventbus/broker/memory/partition_share.hpp"
#include "eventbus/broker/memory/topic_log.hpp"
#include "eventbus/broker/memory/wake_signal.hpp"

namespace eventbus::memory {

/// A subscription as its group sees it.
struct Member {
    std::uint64_t id = 0;
    std::string name;
    std::vector<TopicName> topics;
    std::size_t prefetch = 0;
    std::shared_ptr<WakeSignal> signal;
    /// Its last poll found nothing, so that it must be told when there is something.
    bool waiting = false;
    /// Which of its partitions comes first at its next poll.
    std::size_t turn = 0;
};

/// The positions of a group and the members that share its partitions. Not thread-safe.
class ConsumerGroup {
  public:
    /// The group reads this topic from now on; where it has no position it starts as told. `topic` must live
    /// until `forget`.
    void follow(const TopicLog& topic, const StartAt& start);
    [[nodiscard]] bool follows(const TopicName& topic) const { return shares_.contains(topic); }
    [[nodiscard]] bool has_subscriber(const TopicName& topic) const;
    /// The topic is deleted: its positions are too.
    void forget(const TopicName& topic) { shares_.erase(topic); }
    /// Partitions that `to` does not name stay where they are.
    void move(const TopicName& topic, const StartAt& to);

    /// The group must follow the member's topics.
    void join(Member member);
    /// What the member was handed and has not acknowledged goes to others. An unknown id is ignored.
    void leave(std::uint64_t member);

    /// What is there for the member, at most `most` and up to its prefetch limit. Nothing for one that left.
    [[nodiscard]] std::vector<HandedOut> take(std::uint64_t member, std::size_t most);
    void acknowledge(std::uint64_t member, const Receipt& receipt);
    [[nodiscard]] std::vector<PartitionLag> lag(std::uint64_t member) const;
    [[nodiscard]] GroupInfo info(const GroupName& name, const TopicName& topic) const;

    /// An event was stored in this partition: its owner is told.
    void announce(const TopicName& topic, Partition partition);
    /// Shares the partitions of the topic anew among its subscribers. A topic that is not followed is
    /// ignored.
    void rebalance(const TopicName& topic);

  private:
    struct TopicShares {
        const TopicLog* log = nullptr;
        std::vector<PartitionShare> partitions;
    };
    struct Owned {
        const TopicLog* log = nullptr;
        std::int32_t index = 0;
        PartitionShare* share = nullptr;
    };

    [[nodiscard]] std::vector<Owned> owned_by(const Member& member);
    [[nodiscard]] bool step(const TopicName& topic, TopicShares& shares, const Member& member,
                            const std::vector<std::string>& subscribers);
    void tell(std::uint64_t member);

    std::map<TopicName, TopicShares> shares_;
    std::map<std::uint64_t, Member> members_;
};

}  // namespace eventbus::memory
