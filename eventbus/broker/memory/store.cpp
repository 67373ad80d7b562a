#include "eventbus/broker/memory/store.hpp"

#include <algorithm>
#include <utility>

#include "eventbus/event/error.hpp"

namespace eventbus::memory {

namespace {

std::vector<TopicName> distinct(std::vector<TopicName> topics) {
    std::ranges::sort(topics);
    topics.erase(std::unique(topics.begin(), topics.end()), topics.end());
    return topics;
}

}  // namespace

Store::Store(const TopicOptions& defaults, std::function<Timestamp()> clock)
    : defaults_(defaults), clock_(clock ? std::move(clock) : std::function<Timestamp()>(now)) {
    // Refuses wrong options now, not at the first event.
    static_cast<void>(TopicLog(TopicName("defaults"), defaults, 0));
}

std::shared_ptr<const std::string> Store::share_schema(std::string_view schema) {
    if (schema.empty()) return nullptr;
    const std::lock_guard lock(mutex_);
    const auto known = schemas_.find(schema);
    if (known != schemas_.end()) return *known;
    return *schemas_.insert(std::make_shared<const std::string>(schema)).first;
}

Position Store::append(const TopicName& topic, StoredEvent event) {
    const auto stored = std::make_shared<StoredEvent>(std::move(event));
    const std::lock_guard lock(mutex_);
    stored->stored_at = clock_();
    const Position position = topic_for(topic).append(stored);
    for (auto& [name, group] : groups_) group.announce(topic, position.partition);
    return position;
}

std::uint64_t Store::join(const SubscribeOptions& options, std::shared_ptr<WakeSignal> signal) {
    if (options.topics.empty())
        throw InvalidValue("group " + options.group.str() + " subscribes to no topic: name one at least");
    if (options.prefetch == 0) throw InvalidValue("a prefetch of 0 would never get an event");
    const std::lock_guard lock(mutex_);
    auto topics = distinct(options.topics);
    for (const TopicName& name : topics) {
        const TopicLog& topic = topic_for(name);
        static_cast<void>(topic.resolve(options.start));
        if (options.reset) static_cast<void>(topic.resolve(*options.reset));
    }
    ConsumerGroup& group = groups_[options.group];
    for (const TopicName& name : topics) {
        TopicLog& topic = topics_.at(name);
        group.follow(topic, options.start);
        if (options.reset) move_group(topic, group, *options.reset);
    }
    for (const TopicName& name : options.besides) {
        if (std::ranges::find(topics, name) != topics.end()) continue;
        topics.push_back(name);
        if (const auto known = topics_.find(name); known != topics_.end())
            group.follow(known->second, Earliest{});
    }
    const std::uint64_t id = ++last_member_;
    const std::string name = options.member.empty() ? "member-" + std::to_string(id) : options.member;
    group.join({id, name, topics, options.prefetch, std::move(signal)});
    return id;
}

void Store::leave(const GroupName& group, std::uint64_t member) {
    const std::lock_guard lock(mutex_);
    groups_.at(group).leave(member);
}

std::vector<HandedOut> Store::take(const GroupName& group, std::uint64_t member, std::size_t most) {
    const std::lock_guard lock(mutex_);
    return groups_.at(group).take(member, most);
}

void Store::acknowledge(const GroupName& group, std::uint64_t member, std::span<const Receipt> receipts) {
    const std::lock_guard lock(mutex_);
    ConsumerGroup& own = groups_.at(group);
    for (const Receipt& receipt : receipts) own.acknowledge(member, receipt);
}

std::vector<PartitionLag> Store::lag(const GroupName& group, std::uint64_t member) const {
    const std::lock_guard lock(mutex_);
    return groups_.at(group).lag(member);
}

std::vector<HandedOut> Store::read(const ReadOptions& options, ReadPosition& position,
                                   std::size_t most) const {
    const std::lock_guard lock(mutex_);
    std::vector<HandedOut> events;
    const TopicLog* topic = find(options, position);
    while (topic != nullptr && events.size() < most) {
        const auto next = topic->first_of(position.offsets, position.ends);
        if (!next) break;
        const auto index = static_cast<std::size_t>(next->partition);
        events.push_back({topic->name(), *next, topic->partitions()[index].at(next->offset.number)});
        position.offsets[index] = next->offset.number + 1;
    }
    return events;
}

std::uint64_t Store::left(const ReadOptions& options, ReadPosition& position) const {
    const std::lock_guard lock(mutex_);
    std::uint64_t left = 0;
    if (const TopicLog* topic = find(options, position))
        for (std::size_t i = 0; i < position.offsets.size(); ++i) {
            const PartitionLog& log = topic->partitions()[i];
            const std::uint64_t begin = std::max(position.offsets[i], log.begin());
            left += std::max(std::min(position.ends[i], log.end()), begin) - begin;
        }
    return left;
}

const TopicLog* Store::find(const ReadOptions& options, ReadPosition& position) const {
    const auto found = topics_.find(options.topic);
    if (found == topics_.end()) return nullptr;
    const TopicLog& topic = found->second;
    if (position.topic == topic.id()) return &topic;
    const auto starts = topic.resolve(options.from);
    const auto ends = topic.resolve(options.to.value_or(Latest{}));
    position = {topic.id(), {}, std::vector<std::uint64_t>(starts.size(), UINT64_MAX)};
    for (const auto& start : starts) position.offsets.push_back(start.value_or(0));
    for (std::size_t i = 0; options.to && i < ends.size(); ++i)
        position.ends[i] = ends[i].value_or(topic.partitions()[i].end());
    return &topic;
}

std::vector<TopicInfo> Store::topics() const {
    const std::lock_guard lock(mutex_);
    std::vector<TopicInfo> all;
    for (const auto& [name, topic] : topics_) all.push_back(topic.info());
    return all;
}

std::optional<TopicInfo> Store::topic(const TopicName& name) const {
    const std::lock_guard lock(mutex_);
    const auto found = topics_.find(name);
    if (found == topics_.end()) return std::nullopt;
    return found->second.info();
}

void Store::create_topic(const TopicName& name, const TopicOptions& options) {
    const std::lock_guard lock(mutex_);
    const auto found = topics_.find(name);
    if (found == topics_.end()) {
        make_topic(name, options);
        return;
    }
    if (found->second.partition_count() != options.partitions)
        throw InvalidValue("topic " + name.str() + " has " + std::to_string(found->second.partition_count()) +
                           " partitions, not " + std::to_string(options.partitions) +
                           ": their number cannot change");
    found->second.set_retention(options.retention, clock_());
}

void Store::delete_topic(const TopicName& name) {
    const std::lock_guard lock(mutex_);
    if (!topics_.contains(name)) throw NotFound("there is no topic " + name.str());
    for (auto& [group_name, group] : groups_) group.forget(name);
    topics_.erase(name);
}

void Store::delete_events_before(const TopicName& name, Partition partition, const Offset& before) {
    const std::lock_guard lock(mutex_);
    const auto found = topics_.find(name);
    if (found == topics_.end()) throw NotFound("there is no topic " + name.str());
    found->second.drop_before(partition, before.number);
}

std::vector<GroupInfo> Store::groups(const TopicName& topic) const {
    const std::lock_guard lock(mutex_);
    std::vector<GroupInfo> all;
    for (const auto& [name, group] : groups_)
        if (group.follows(topic)) all.push_back(group.info(name, topic));
    return all;
}

void Store::move_group(const TopicName& topic, const GroupName& group, const StartAt& to) {
    const std::lock_guard lock(mutex_);
    const auto found = topics_.find(topic);
    if (found == topics_.end()) throw NotFound("there is no topic " + topic.str());
    static_cast<void>(found->second.resolve(to));
    move_group(found->second, groups_[group], to);
}

void Store::move_group(TopicLog& topic, ConsumerGroup& group, const StartAt& to) {
    group.follow(topic, to);
    group.move(topic.name(), to);
}

TopicLog& Store::topic_for(const TopicName& name) {
    const auto found = topics_.find(name);
    return found == topics_.end() ? make_topic(name, defaults_) : found->second;
}

TopicLog& Store::make_topic(const TopicName& name, const TopicOptions& options) {
    TopicLog& topic = topics_.emplace(name, TopicLog(name, options, ++last_topic_)).first->second;
    for (auto& [group_name, group] : groups_) {
        if (!group.has_subscriber(name)) continue;
        group.follow(topic, Earliest{});
        group.rebalance(name);
    }
    return topic;
}

}  // namespace eventbus::memory
