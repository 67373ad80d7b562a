#include "eventbus/broker/memory/consumer_group.hpp"

#include <algorithm>
#include <utility>

#include "eventbus/broker/assignment.hpp"

namespace eventbus::memory {

namespace {

bool subscribes(const Member& member, const TopicName& topic) {
    return std::ranges::find(member.topics, topic) != member.topics.end();
}

std::size_t room_of(std::size_t prefetch, std::size_t outstanding) {
    return prefetch > outstanding ? prefetch - outstanding : 0;
}

}  // namespace

void ConsumerGroup::follow(const TopicLog& topic, const StartAt& start) {
    if (follows(topic.name())) return;
    TopicShares shares{&topic, {}};
    const auto offsets = topic.resolve(start);
    for (std::size_t i = 0; i < offsets.size(); ++i)
        shares.partitions.emplace_back(offsets[i].value_or(topic.partitions()[i].begin()));
    shares_.emplace(topic.name(), std::move(shares));
}

bool ConsumerGroup::has_subscriber(const TopicName& topic) const {
    return std::ranges::any_of(members_, [&](const auto& entry) { return subscribes(entry.second, topic); });
}

void ConsumerGroup::move(const TopicName& topic, const StartAt& to) {
    TopicShares& shares = shares_.at(topic);
    const auto offsets = shares.log->resolve(to);
    for (std::size_t i = 0; i < offsets.size(); ++i) {
        if (!offsets[i]) continue;
        shares.partitions[i].move(*offsets[i]);
        tell(shares.partitions[i].owner());
    }
    rebalance(topic);
}

void ConsumerGroup::join(Member member) {
    const auto topics = member.topics;
    const std::uint64_t id = member.id;
    members_.emplace(id, std::move(member));
    for (const TopicName& topic : topics) rebalance(topic);
}

void ConsumerGroup::leave(std::uint64_t member) {
    const auto left = members_.extract(member);
    if (left.empty()) return;
    for (const Owned& owned : owned_by(left.mapped())) owned.share->set_owner(0);
    for (const TopicName& topic : left.mapped().topics) rebalance(topic);
}

std::vector<HandedOut> ConsumerGroup::take(std::uint64_t member, std::size_t most) {
    std::vector<HandedOut> taken;
    const auto found = members_.find(member);
    if (found == members_.end()) return taken;
    Member& self = found->second;
    const auto owned = owned_by(self);
    std::size_t outstanding = 0;
    for (const Owned& each : owned) outstanding += each.share->outstanding();
    const std::size_t limit = std::min(most, room_of(self.prefetch, outstanding));
    for (std::size_t i = 0; i < owned.size(); ++i) {
        const auto& [log, index, share] = owned[(self.turn + i) % owned.size()];
        if (share->draining()) continue;
        const PartitionLog& events = log->partitions()[static_cast<std::size_t>(index)];
        for (const std::uint64_t offset : share->hand_out(events, limit - taken.size()))
            taken.push_back({log->name(), {Partition{index}, {offset, 0}}, events.at(offset)});
    }
    ++self.turn;
    self.waiting = taken.empty();
    return taken;
}

void ConsumerGroup::acknowledge(std::uint64_t member, const Receipt& receipt) {
    const auto shares = shares_.find(*receipt.topic);
    const auto index = static_cast<std::size_t>(receipt.position.partition);
    if (shares == shares_.end() || index >= shares->second.partitions.size()) return;
    PartitionShare& share = shares->second.partitions[index];
    if (share.owner() != member) return;
    share.acknowledge(receipt.position.offset.number);
    if (share.draining() && share.outstanding() == 0) rebalance(*receipt.topic);
    tell(member);
}

std::vector<PartitionLag> ConsumerGroup::lag(std::uint64_t member) const {
    std::vector<PartitionLag> lags;
    for (const auto& [topic, shares] : shares_) {
        for (std::size_t i = 0; i < shares.partitions.size(); ++i) {
            if (shares.partitions[i].owner() != member) continue;
            lags.push_back({topic, Partition{static_cast<std::int32_t>(i)},
                            shares.partitions[i].lag(shares.log->partitions()[i])});
        }
    }
    return lags;
}

GroupInfo ConsumerGroup::info(const GroupName& name, const TopicName& topic) const {
    GroupInfo info{name, topic, {}};
    const TopicShares& shares = shares_.at(topic);
    for (std::size_t i = 0; i < shares.partitions.size(); ++i) {
        const PartitionShare& share = shares.partitions[i];
        const auto owner = members_.find(share.owner());
        info.partitions.push_back({Partition{static_cast<std::int32_t>(i)},
                                   {share.position(), 0},
                                   share.lag(shares.log->partitions()[i]),
                                   owner == members_.end() ? std::string() : owner->second.name});
    }
    return info;
}

void ConsumerGroup::announce(const TopicName& topic, Partition partition) {
    const auto shares = shares_.find(topic);
    if (shares == shares_.end()) return;
    tell(shares->second.partitions[static_cast<std::size_t>(partition)].owner());
}

void ConsumerGroup::rebalance(const TopicName& topic) {
    const auto found = shares_.find(topic);
    if (found == shares_.end()) return;
    TopicShares& shares = found->second;
    std::vector<std::string> subscribers;
    for (const auto& [id, member] : members_)
        if (subscribes(member, topic)) subscribers.push_back(std::to_string(id));
    for (bool moved = true; moved;) {
        moved = false;
        for (const auto& [id, member] : members_)
            if (subscribes(member, topic) && step(topic, shares, member, subscribers)) moved = true;
    }
}

bool ConsumerGroup::step(const TopicName& topic, TopicShares& shares, const Member& member,
                         const std::vector<std::string>& subscribers) {
    std::vector<Ownership> view;
    for (PartitionShare& share : shares.partitions) {
        view.push_back(share.owner() == 0           ? Ownership::free
                       : share.owner() == member.id ? Ownership::mine
                                                    : Ownership::other);
        if (share.owner() == member.id) share.set_draining(false);
    }
    const AssignmentStep step = next_step(topic.str(), subscribers, std::to_string(member.id), view);
    bool moved = false;
    for (const std::int32_t index : step.give_up) {
        PartitionShare& share = shares.partitions[static_cast<std::size_t>(index)];
        share.set_draining(true);
        if (share.outstanding() != 0) continue;
        share.set_owner(0);
        moved = true;
    }
    for (const std::int32_t index : step.take) {
        shares.partitions[static_cast<std::size_t>(index)].set_owner(member.id);
        tell(member.id);
        moved = true;
    }
    return moved;
}

std::vector<ConsumerGroup::Owned> ConsumerGroup::owned_by(const Member& member) {
    std::vector<Owned> owned;
    for (const TopicName& topic : member.topics) {
        const auto found = shares_.find(topic);
        if (found == shares_.end()) continue;
        TopicShares& shares = found->second;
        for (std::size_t i = 0; i < shares.partitions.size(); ++i)
            if (shares.partitions[i].owner() == member.id)
                owned.push_back({shares.log, static_cast<std::int32_t>(i), &shares.partitions[i]});
    }
    return owned;
}

void ConsumerGroup::tell(std::uint64_t member) {
    const auto found = members_.find(member);
    if (found == members_.end() || !found->second.waiting) return;
    found->second.waiting = false;
    found->second.signal->raise();
}

}  // namespace eventbus::memory
